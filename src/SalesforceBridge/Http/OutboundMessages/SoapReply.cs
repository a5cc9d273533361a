using SalesforceBridge.Salesforce.OutboundMessages;

namespace SalesforceBridge.Http.OutboundMessages;

/// <summary>
/// What an org is told. Whoever may not send at all, or sends what HTTP refuses, gets HTTP's own status; a fault in an envelope goes with 500,
/// as SOAP 1.1 wants it, so that the org reads its text. All of them but the first make the org send the message again.
/// </summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The SOAP envelope.</param>
/// <param name="What">The same in words, for the log.</param>
internal sealed record SoapReply(int Status, ReadOnlyMemory<byte> Body, string What)
{
    /// <summary>When the same message may do better.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Every notification is in the inbox.</summary>
    public static SoapReply Taken { get; } = new(StatusCodes.Status200OK, OutboundMessageReply.Ack(isTaken: true), "taken");

    /// <summary>The commit failed.</summary>
    public static SoapReply NotTaken { get; } = new(StatusCodes.Status200OK, OutboundMessageReply.Ack(isTaken: false), "the database did not store it");

    /// <summary>The sender may not send, or what it sends is no request that HTTP allows here.</summary>
    public static SoapReply Refused(int status, string why) => new(status, OutboundMessageReply.Fault(SoapFaultCode.Client, why), why);

    /// <summary>The bridge can take nothing now.</summary>
    public static SoapReply Unavailable(string why, TimeSpan retryAfter) =>
        new(StatusCodes.Status503ServiceUnavailable, OutboundMessageReply.Fault(SoapFaultCode.Server, why), why) { RetryAfter = retryAfter };

    /// <summary>The envelope is no outbound message that can be taken.</summary>
    public static SoapReply Faulty(EnvelopeFault fault) => fault switch
    {
        EnvelopeFault.TooLong => Refused(StatusCodes.Status413PayloadTooLarge, fault.Text),
        EnvelopeFault.NotSoap11 { IsOtherVersion: true } => Faulty(SoapFaultCode.VersionMismatch, fault.Text),
        _ => Faulty(SoapFaultCode.Client, fault.Text),
    };

    public async Task WriteAsync(HttpResponse response, CancellationToken ct)
    {
        response.StatusCode = Status;
        response.ContentType = OutboundMessageReply.ContentType;
        response.ContentLength = Body.Length;
        if (RetryAfter is { } after)
            response.Headers.RetryAfter = $"{(int)after.TotalSeconds}";
        await response.Body.WriteAsync(Body, ct);
    }

    private static SoapReply Faulty(SoapFaultCode code, string why) =>
        new(StatusCodes.Status500InternalServerError, OutboundMessageReply.Fault(code, why), why);
}
