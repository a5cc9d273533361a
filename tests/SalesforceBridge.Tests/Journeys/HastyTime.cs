namespace SalesforceBridge.Tests.Journeys;

/// <summary>A clock on which waits of more than two minutes are over in a moment: those that the org asks for.</summary>
internal sealed class HastyTime : TimeProvider
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime >= Long && dueTime != TimeSpan.FromSeconds(130) ? Moment : dueTime, period);
}
