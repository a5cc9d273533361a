namespace SalesforceBridge.Simulator.Tests.Drivers;

/// <summary>A clock that a test moves; its timers are real.</summary>
internal sealed class SettableClock : TimeProvider
{
    private long _ahead;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead));

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);
}
