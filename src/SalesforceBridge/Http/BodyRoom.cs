namespace SalesforceBridge.Http;

/// <summary>The room that the bodies of all requests share while they are read.</summary>
internal sealed class BodyRoom(RequestLimits limits)
{
    /// <summary>When there may be room again for whoever found none.</summary>
    public static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(1);

    private long _taken;

    /// <summary>One request's share of it, empty at first.</summary>
    public Share Enter() => new(this);

    /// <summary>What one request takes; given back when it is disposed of.</summary>
    public sealed class Share(BodyRoom room) : IDisposable
    {
        private long _bytes;

        /// <summary>Takes more; false where there is no room for it.</summary>
        public bool TryGrow(int bytes)
        {
            _bytes += bytes;
            return Interlocked.Add(ref room._taken, bytes) <= room.Room;
        }

        public void Dispose() => Interlocked.Add(ref room._taken, -_bytes);
    }

    private long Room => limits.Room;
}
