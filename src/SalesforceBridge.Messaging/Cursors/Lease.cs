namespace SalesforceBridge.Messaging;

/// <summary>The right to move a cursor, until another worker takes it: every step that writes names the epoch.</summary>
/// <param name="Cursor">The cursor's name.</param>
/// <param name="Epoch">Grows by one with every taking; a step under an older epoch is undone.</param>
public sealed record Lease(string Cursor, long Epoch)
{
    /// <summary>Ends when this worker can no longer be sure that it holds the cursor: what is under way must not go on.</summary>
    public CancellationToken Lost { get; init; }

    /// <summary>
    /// Whether nobody else can have taken the cursor yet, by this worker's last heartbeat. Asked right before what cannot be
    /// taken back: a process that was paused wakes up where it was, and <see cref="Lost"/> ends a moment later.
    /// </summary>
    public Func<bool> IsSure { get; init; } = static () => true;
}

/// <summary>Another worker holds the cursor now; nothing of the step was written.</summary>
public sealed class LeaseLostException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Work that one worker at a time does: a route, a lane, the org's streams. A stated seam: the host adds its own.</summary>
public interface ILeasedWork
{
    /// <summary>The cursor whose holder does the work.</summary>
    string Cursor { get; }

    /// <summary>Works until <paramref name="ct"/> asks to stop, and stops between two steps.</summary>
    /// <exception cref="LeaseLostException">Another worker took over.</exception>
    Task RunAsync(Lease lease, CancellationToken ct);
}

/// <summary>What cursors are called.</summary>
public static class CursorName
{
    /// <summary>The lease of a route.</summary>
    public static string Route(string route) => $"route {route}";

    /// <summary>The position of a route on a source.</summary>
    public static string Position(string route, string source) => $"route {route} on {source}";

    /// <summary>The lease and the position of a lane.</summary>
    public static string Lane(string lane) => $"lane {lane}";

    /// <summary>Whether a cursor is a lane's.</summary>
    public static bool IsLane(string cursor) => cursor.StartsWith("lane ", StringComparison.Ordinal);
}
