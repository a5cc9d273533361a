namespace SalesforceBridge.Tests.Drivers;

/// <summary>A clock on which waits of more than ten minutes last until the test ends them all, and which may leap for whoever measures how long something was.</summary>
internal sealed class HeldTime : TimeProvider
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly List<HeldTimer> _held = [];
    private long _leap;

    /// <summary>From now on so much more time was.</summary>
    public void Leap(TimeSpan time) => Interlocked.Add(ref _leap, (long)(time.TotalSeconds * TimestampFrequency));

    public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _leap);

    /// <summary>Ends all waits, in the order in which they began.</summary>
    public void Release()
    {
        HeldTimer[] over;
        lock (_gate)
        {
            over = [.. _held];
            _held.Clear();
        }

        foreach (HeldTimer timer in over)
            timer.End();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime < Long)
            return base.CreateTimer(callback, state, dueTime, period);
        var timer = new HeldTimer(this, callback, state);
        lock (_gate)
            _held.Add(timer);
        return timer;
    }

    private void Forget(HeldTimer timer)
    {
        lock (_gate)
            _held.Remove(timer);
    }

    private sealed class HeldTimer(HeldTime time, TimerCallback callback, object? state) : ITimer
    {
        public void End() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => time.Forget(this);

        public ValueTask DisposeAsync()
        {
            time.Forget(this);
            return ValueTask.CompletedTask;
        }
    }
}
