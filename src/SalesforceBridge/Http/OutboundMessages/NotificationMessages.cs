using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.OutboundMessages;

namespace SalesforceBridge.Http.OutboundMessages;

/// <summary>What a notification of an org is in the inbox: its key is the record, and its own id tells a repetition.</summary>
internal static class NotificationMessages
{
    public static string SourceOf(OutboundMessageNotification notification) => $"outbound-message {notification.ObjectType}";

    public static NewMessage Of(OutboundMessageNotification notification) => new(SourceOf(notification), notification.Payload)
    {
        Key = notification.RecordId,
        DedupeKey = notification.Id,
    };
}
