using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SalesforceBridge.Salesforce.OutboundMessages;

/// <summary>
/// Reads the SOAP 1.1 envelope by which an org sends an outbound message, while it arrives and with whatever prefixes. It knows no
/// sender, so who may send is for its caller to decide.
/// </summary>
public static partial class OutboundMessageReader
{
    /// <summary>How many notifications an outbound message has at most.</summary>
    public const int MostNotifications = 100;

    /// <summary>The members of a payload that are no fields. Fields have capitals or a suffix, so none is named like these.</summary>
    internal static readonly string[] OwnMembers = ["notificationId", "organizationId", "actionId"];

    private const string Soap11 = "http://schemas.xmlsoap.org/soap/envelope/";
    private const string Outbound = "http://soap.sforce.com/2005/09/outbound";

    // A payload is bytes in a column, never part of a page.
    private static readonly JsonWriterOptions PlainText = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// The notifications in their order. They count only once the last has been read: an envelope that is cut short or has a fault
    /// further on ends with an exception.
    /// </summary>
    /// <param name="envelope">The request's body; it stays open.</param>
    /// <param name="longest">How many characters of it are read at most, from 1.</param>
    /// <param name="ct">Ends the wait for more of the body.</param>
    /// <exception cref="EnvelopeException">This is no outbound message that can be taken.</exception>
    /// <exception cref="IOException">The body could not be read to its end.</exception>
    public static async IAsyncEnumerable<OutboundMessageNotification> ReadAsync(
        Stream envelope, long longest, [EnumeratorCancellation] CancellationToken ct)
    {
        using var xml = new EnvelopeXml(envelope, longest, ct);
        int inBody = await EnterBodyAsync(xml);
        Expect(await xml.NextAsync(inBody), new EnvelopeFault.Missing("notifications"));
        Expect(IsOutbound(xml, "notifications"), new EnvelopeFault.Unexpected(xml.Name));

        var header = new OutboundMessageHeader("", "");
        string? objectType = null;
        int count = 0;
        int inside = xml.Inside();
        while (await xml.NextAsync(inside))
        {
            if (!IsOutbound(xml, "Notification"))
            {
                header = await ReadHeaderAsync(xml, header);
                continue;
            }

            Expect(++count <= MostNotifications, new EnvelopeFault.TooMany());
            OutboundMessageNotification notification = await ReadNotificationAsync(xml, Complete(header));
            objectType ??= notification.ObjectType;
            Expect(objectType == notification.ObjectType, new EnvelopeFault.MixedObjects(objectType, notification.ObjectType));
            yield return notification;
        }

        Expect(count > 0, new EnvelopeFault.Missing("notification"));
        Expect(!await xml.NextAsync(inBody), new EnvelopeFault.Unexpected(xml.Name));
        await xml.FinishAsync();
    }

    private static async ValueTask<int> EnterBodyAsync(EnvelopeXml xml)
    {
        await xml.RootAsync();
        Expect(xml is { Name: "Envelope", Namespace: Soap11 }, new EnvelopeFault.NotSoap11(xml.Name, xml.Namespace));
        int inEnvelope = xml.Inside();
        while (await xml.NextAsync(inEnvelope))
        {
            if (xml is { Name: "Body", Namespace: Soap11 })
                return xml.Inside();
            Expect(xml is { Name: "Header", Namespace: Soap11 }, new EnvelopeFault.Unexpected(xml.Name));
            await xml.PassAsync();
        }

        throw new EnvelopeException(new EnvelopeFault.Missing("body"));
    }

    private static async ValueTask<OutboundMessageHeader> ReadHeaderAsync(EnvelopeXml xml, OutboundMessageHeader header)
    {
        string name = IsOutbound(xml, xml.Name) ? xml.Name : "";
        switch (name)
        {
            case "OrganizationId": return header with { OrganizationId = await xml.TextAsync() ?? "" };
            case "ActionId": return header with { ActionId = await xml.TextAsync() ?? "" };
            case "SessionId": return header with { SessionId = await xml.TextAsync() };
            case "EnterpriseUrl": return header with { EnterpriseUrl = await xml.TextAsync() };
            case "PartnerUrl": return header with { PartnerUrl = await xml.TextAsync() };
            default: throw new EnvelopeException(new EnvelopeFault.Unexpected(xml.Name));
        }
    }

    private static OutboundMessageHeader Complete(OutboundMessageHeader header)
    {
        bool hasOrg = header.OrganizationId.Length is 15 or 18 && header.OrganizationId.All(char.IsAsciiLetterOrDigit);
        Expect(hasOrg, new EnvelopeFault.Missing("OrganizationId of 15 or 18 characters before its notifications"));
        Expect(header.ActionId.Length > 0, new EnvelopeFault.Missing("ActionId before its notifications"));
        return header;
    }

    private static async Task<OutboundMessageNotification> ReadNotificationAsync(EnvelopeXml xml, OutboundMessageHeader header)
    {
        var payload = new ArrayBufferWriter<byte>(512);
        await using var json = new Utf8JsonWriter(payload, PlainText);
        json.WriteStartObject();
        string? id = null, objectType = null, recordId = null;
        int inside = xml.Inside();
        while (await xml.NextAsync(inside))
        {
            if (IsOutbound(xml, "Id") && id is null)
                id = await xml.TextAsync();
            else if (IsOutbound(xml, "sObject") && objectType is null)
                (objectType, recordId) = (ObjectTypeOf(xml), await new SObjectReader(xml, json).WriteMembersAsync());
            else
                throw new EnvelopeException(new EnvelopeFault.Unexpected(xml.Name));
        }

        id = Required(id, "notification Id");
        foreach ((string name, string value) in OwnMembers.Zip([id, header.OrganizationId, header.ActionId]))
            json.WriteString(name, value);
        json.WriteEndObject();
        await json.FlushAsync();
        return new(header, id, Required(objectType, "sObject"), Required(recordId, "Id of its record"), payload.WrittenMemory);
    }

    private static string ObjectTypeOf(EnvelopeXml xml) =>
        xml.Type is { } type && ObjectName().IsMatch(type.Name)
            ? type.Name
            : throw new EnvelopeException(new EnvelopeFault.Missing("xsi:type of its record that names an object"));

    private static string Required(string? value, string what) => value ?? throw new EnvelopeException(new EnvelopeFault.Missing(what));

    private static bool IsOutbound(EnvelopeXml xml, string name) => xml.Name == name && xml.Namespace == Outbound;

    private static void Expect(bool isSo, EnvelopeFault otherwise)
    {
        if (!isSo)
            throw new EnvelopeException(otherwise);
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_]{0,79}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ObjectName();
}
