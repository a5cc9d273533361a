using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.OutboundMessages;

namespace SalesforceBridge.Http.OutboundMessages;

/// <summary>
/// Reads outbound messages to their ends: none larger than its limit, none slower than its time, and all together no larger than the room
/// there is.
/// </summary>
internal sealed class OutboundMessageBodies(BridgeSettings settings, TimeProvider time)
{
    private const long Room = 64L << 20;

    // The router gives up on an answer after 30 s.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private long _taken;

    /// <summary>The notifications of a message, at least one.</summary>
    /// <exception cref="OutboundMessageRefusedException">It cannot be taken.</exception>
    public async Task<IReadOnlyList<OutboundMessageNotification>> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        using var patience = new Deadline(Patience, time, ct);
        try
        {
            return await ReadAsync(request.Body, patience.Token);
        }
        catch (EnvelopeException envelope)
        {
            throw new OutboundMessageRefusedException(SoapReply.Faulty(envelope.Fault));
        }
        catch (BadHttpRequestException body)
        {
            throw new OutboundMessageRefusedException(ReplyTo(body));
        }
        catch (OperationCanceledException) when (patience.HasPassed)
        {
            throw new OutboundMessageRefusedException(
                SoapReply.Refused(StatusCodes.Status408RequestTimeout, $"The message did not come within {Patience.TotalSeconds} s."));
        }
    }

    private async Task<List<OutboundMessageNotification>> ReadAsync(Stream body, CancellationToken ct)
    {
        List<OutboundMessageNotification> notifications = [];
        long taken = 0;
        try
        {
            await foreach (OutboundMessageNotification notification in OutboundMessageReader.ReadAsync(body, settings.LargestOutboundMessage, ct))
            {
                notifications.Add(notification);
                taken += notification.Payload.Length;
                if (Interlocked.Add(ref _taken, notification.Payload.Length) > Room)
                    throw new OutboundMessageRefusedException(SoapReply.Unavailable("Too much is being sent at once.", TimeSpan.FromSeconds(1)));
            }

            return notifications;
        }
        finally
        {
            Interlocked.Add(ref _taken, -taken);
        }
    }

    private SoapReply ReplyTo(BadHttpRequestException body) => body.StatusCode == StatusCodes.Status413PayloadTooLarge
        ? SoapReply.Faulty(new EnvelopeFault.TooLong(settings.LargestOutboundMessage))
        : SoapReply.Refused(body.StatusCode, "The message did not arrive whole.");
}

/// <summary>Ends the reading of an outbound message that is not taken.</summary>
internal sealed class OutboundMessageRefusedException(SoapReply reply) : Exception(reply.What)
{
    public SoapReply Reply => reply;
}
