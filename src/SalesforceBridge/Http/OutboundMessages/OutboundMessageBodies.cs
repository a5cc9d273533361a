using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.OutboundMessages;

namespace SalesforceBridge.Http.OutboundMessages;

/// <summary>
/// Reads outbound messages to their ends: none larger than its limit, none slower than its time, and all together no larger than the room
/// there is.
/// </summary>
internal sealed class OutboundMessageBodies(BridgeSettings settings, RequestLimits limits, BodyRoom room, TimeProvider time)
{
    /// <summary>The notifications of a message, at least one.</summary>
    /// <exception cref="OutboundMessageRefusedException">It cannot be taken.</exception>
    public async Task<IReadOnlyList<OutboundMessageNotification>> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        Overlength.LetIn(request, settings.LargestOutboundMessage);
        using var patience = new Deadline(limits.Patience, time, ct);
        try
        {
            if (request.ContentLength is null || request.ContentLength <= settings.LargestOutboundMessage)
                return await ReadAsync(request.Body, patience.Token);
            await Overlength.PassAsync(request, patience.Token);
            throw new EnvelopeException(new EnvelopeFault.TooLong(settings.LargestOutboundMessage));
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
                SoapReply.Refused(StatusCodes.Status408RequestTimeout, $"The message did not come within {limits.Patience.TotalSeconds} s."));
        }
    }

    private async Task<List<OutboundMessageNotification>> ReadAsync(Stream body, CancellationToken ct)
    {
        List<OutboundMessageNotification> notifications = [];
        using BodyRoom.Share share = room.Enter();
        await foreach (OutboundMessageNotification notification in OutboundMessageReader.ReadAsync(body, settings.LargestOutboundMessage, ct))
        {
            notifications.Add(notification);
            if (!share.TryGrow(notification.Payload.Length))
                throw new OutboundMessageRefusedException(SoapReply.Unavailable("Too much is being sent at once.", BodyRoom.TryAgainAfter));
        }

        return notifications;
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
