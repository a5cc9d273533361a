using System.Text;
using System.Text.Json;
using SalesforceBridge.Salesforce.OutboundMessages;
using SalesforceBridge.Testing.OutboundMessages;

namespace SalesforceBridge.Salesforce.Tests.OutboundMessages;

/// <summary>Reads envelopes as a receiver does: until the last notification, or until a fault.</summary>
internal static class Reading
{
    public static async Task<List<OutboundMessageNotification>> AllAsync(Stream envelope, long longest = 1 << 20)
    {
        List<OutboundMessageNotification> all = [];
        await foreach (OutboundMessageNotification notification in OutboundMessageReader.ReadAsync(envelope, longest, TestContext.Current.CancellationToken))
            all.Add(notification);
        return all;
    }

    public static Task<List<OutboundMessageNotification>> AllAsync(byte[] envelope) => AllAsync(new MemoryStream(envelope));

    public static Task<List<OutboundMessageNotification>> AllAsync(SoapEnvelope envelope) => AllAsync(envelope.Bytes);

    /// <summary>The payload of an opportunity with these fields besides its id.</summary>
    public static async Task<JsonElement> PayloadAsync(string fields) =>
        JsonElement.Parse((await AllAsync(new SoapEnvelope(SoapEnvelope.Opportunity("04l1", fields)))).Single().Payload.Span);

    public static Task<EnvelopeFault> FaultAsync(SoapEnvelope envelope) => FaultAsync(envelope.Bytes);

    public static Task<EnvelopeFault> FaultAsync(string envelope) => FaultAsync(Encoding.UTF8.GetBytes(envelope));

    public static async Task<EnvelopeFault> FaultAsync(byte[] envelope) =>
        (await Should.ThrowAsync<EnvelopeException>(() => AllAsync(envelope))).Fault;
}
