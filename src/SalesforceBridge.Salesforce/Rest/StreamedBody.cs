namespace SalesforceBridge.Salesforce.Rest;

/// <summary>
/// A body that goes to the wire while it is produced, in chunks, so that none of it needs to be held. The call's time limit is then one for
/// progress: each write to the wire, and the answer behind the last one, may take <see cref="SalesforceClientSettings.Timeout"/>; the time
/// in which nothing is produced does not count.
/// </summary>
/// <param name="write">Writes the body; its own exception ends the call and reaches the caller as it is.</param>
public sealed class StreamedBody(Func<Stream, CancellationToken, Task> write)
{
    private bool _isBegun;

    /// <summary>
    /// Whether the body can be written again from its beginning, true by default. One that cannot is announced (<c>Expect: 100-continue</c>),
    /// so that an org that rejects the call says so before the body is used up; once it is, the call is not sent again.
    /// </summary>
    public bool IsReplayable { get; init; } = true;

    /// <summary>Whether nothing is left to send again.</summary>
    internal bool IsSpent => _isBegun && !IsReplayable;

    /// <summary>What went wrong while it was produced, as opposed to sent.</summary>
    internal Exception? Fault { get; private set; }

    /// <summary>A body read from a stream, from where it stands; replayable if the stream can seek.</summary>
    /// <param name="content">Stays the caller's.</param>
    public static StreamedBody From(Stream content)
    {
        long start = content.CanSeek ? content.Position : 0;
        return new StreamedBody((wire, ct) =>
        {
            if (content.CanSeek)
                content.Position = start;
            return content.CopyToAsync(wire, ct);
        })
        { IsReplayable = content.CanSeek };
    }

    internal Task CopyToAsync(Stream stream, CancellationToken ct) => write(stream, ct);

    internal async Task WriteAsync(Stream stream, ProgressLimit limit, CancellationToken ct)
    {
        // HTTP/2 lets a server refuse what it has not looked at, after which the HTTP client begins anew by itself.
        if (IsSpent)
            throw new IOException("The body was used up, and its request has to be sent once more.");
        _isBegun = true;
        limit.Pause();
        await using var wire = new WireStream(stream, limit);
        try
        {
            await write(wire, ct);
        }
        catch (Exception fault) when (!wire.IsBroken && !ct.IsCancellationRequested)
        {
            Fault = fault;
            throw;
        }

        limit.Restart();
    }
}
