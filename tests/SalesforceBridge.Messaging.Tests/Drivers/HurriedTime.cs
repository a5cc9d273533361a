namespace SalesforceBridge.Messaging.Tests.Drivers;

/// <summary>A clock on which one time limit passes sooner than it says.</summary>
internal sealed class HurriedTime(TimeSpan limit, TimeSpan passesAfter) : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime == limit ? passesAfter : dueTime, period);
}
