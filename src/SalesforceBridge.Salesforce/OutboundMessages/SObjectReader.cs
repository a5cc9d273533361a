using System.Text.Json;

namespace SalesforceBridge.Salesforce.OutboundMessages;

/// <summary>Reads a record of an envelope into JSON, field by field.</summary>
internal sealed class SObjectReader(EnvelopeXml xml, Utf8JsonWriter json)
{
    /// <summary>Writes the members of a record, without the braces around them.</summary>
    /// <returns>The record's id; null when it has none.</returns>
    /// <exception cref="EnvelopeException">This is no record.</exception>
    public async Task<string?> WriteMembersAsync()
    {
        string? recordId = null;
        HashSet<string> names = [.. OutboundMessageReader.OwnMembers];
        int inside = xml.Inside();
        while (await xml.NextAsync(inside))
        {
            string name = xml.Name;
            string? text = await WriteMemberAsync(names);
            if (name == "Id")
                recordId = text?.Trim();
        }

        return string.IsNullOrEmpty(recordId) ? null : recordId;
    }

    private async Task<string?> WriteMemberAsync(HashSet<string> names)
    {
        if (!names.Add(xml.Name))
            throw new EnvelopeException(new EnvelopeFault.Repeated(xml.Name));
        json.WritePropertyName(xml.Name);
        if (xml.IsNil)
        {
            json.WriteNullValue();
            await xml.PassAsync();
            return null;
        }

        (string Namespace, string Name)? type = xml.Type;
        int inside = xml.Inside();
        string? text = await xml.TextOrElementAsync();
        if (text is null)
            await WriteRelatedAsync(inside);
        else
            XsdValue.Write(json, text, type);
        return text;
    }

    // The reader stands at the first member already.
    private async Task WriteRelatedAsync(int inside)
    {
        HashSet<string> names = [];
        json.WriteStartObject();
        do
            await WriteMemberAsync(names);
        while (await xml.NextAsync(inside));
        json.WriteEndObject();
    }
}
