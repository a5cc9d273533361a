namespace SalesforceBridge.Tests.Drivers;

/// <summary>The time of day as a test says; timers run as always.</summary>
internal sealed class StoppedClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
