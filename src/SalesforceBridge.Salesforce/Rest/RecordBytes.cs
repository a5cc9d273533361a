using System.Buffers;
using System.Text;
using System.Text.Json;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>Copies records from their own bytes into requests, in one pass and without a model of them in between.</summary>
internal static class RecordBytes
{
    private static readonly byte[] Id = "id"u8.ToArray();
    private static readonly byte[] Attributes = "attributes"u8.ToArray();

    /// <summary>A collection's body: every record with its type in front, and its <c>Id</c> spelled <c>id</c> as the resource wants it.</summary>
    /// <exception cref="JsonException">A record is not one JSON object.</exception>
    public static ReadOnlyMemory<byte> Collection(string sObject, IReadOnlyCollection<ReadOnlyMemory<byte>> records, bool allOrNone)
    {
        byte[] attributes = Encoding.UTF8.GetBytes($$"""{"attributes":{"type":"{{JsonEncodedText.Encode(sObject)}}"}""");
        var output = new ArrayBufferWriter<byte>(64 + records.Sum(record => record.Length + attributes.Length + 2));
        output.Write(allOrNone ? """{"allOrNone":true,"records":["""u8 : """{"allOrNone":false,"records":["""u8);
        bool isFirst = true;
        foreach (ReadOnlyMemory<byte> record in records)
        {
            if (!isFirst)
                output.Write(","u8);
            isFirst = false;
            output.Write(attributes);
            foreach (JsonMember member in new JsonMembers(record.Span))
            {
                if (!member.Is(Attributes))
                    Append(output, member, isFirst: false);
            }

            output.Write("}"u8);
        }

        output.Write("]}"u8);
        return output.WrittenMemory;
    }

    /// <summary>A body that is a list of JSON values and nothing else.</summary>
    /// <exception cref="JsonException">One of them is not JSON.</exception>
    public static ReadOnlyMemory<byte> List(string name, IEnumerable<ReadOnlyMemory<byte>> values)
    {
        var output = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteStartArray(name);
            foreach (ReadOnlyMemory<byte> value in values)
                json.WriteRawValue(Checked(value.Span), skipInputValidation: true);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    // The writer would look too, but not deeper than 64.
    private static ReadOnlySpan<byte> Checked(ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(value, new JsonReaderOptions { MaxDepth = int.MaxValue });
        while (reader.Read())
        {
        }

        return value;
    }

    /// <summary>A record as the body of its own resource: without type and without the field that is in the path.</summary>
    /// <exception cref="JsonException">It is not one JSON object.</exception>
    public static ReadOnlyMemory<byte> Single(ReadOnlyMemory<byte> record, string? fieldInPath)
    {
        byte[]? inPath = fieldInPath is null ? null : Encoding.UTF8.GetBytes(fieldInPath);
        var output = new ArrayBufferWriter<byte>(record.Length + 2);
        output.Write("{"u8);
        bool isFirst = true;
        foreach (JsonMember member in new JsonMembers(record.Span))
        {
            if (member.Is(Attributes) || member.Is(inPath))
                continue;
            Append(output, member, isFirst);
            isFirst = false;
        }

        output.Write("}"u8);
        return output.WrittenMemory;
    }

    /// <summary>The text or number that a record holds in a field, whatever the case of its name; null when there is none.</summary>
    /// <exception cref="JsonException">The record is not one JSON object.</exception>
    public static string? Value(ReadOnlyMemory<byte> record, string field)
    {
        byte[] name = Encoding.UTF8.GetBytes(field);
        foreach (JsonMember member in new JsonMembers(record.Span))
        {
            if (member.Is(name))
                return member.Text;
        }

        return null;
    }

    /// <summary>The record with a member in front that takes the place of one of that name.</summary>
    /// <exception cref="JsonException">It is not one JSON object.</exception>
    public static ReadOnlyMemory<byte> WithMember(ReadOnlySpan<byte> record, string field, string? value)
    {
        byte[] name = Encoding.UTF8.GetBytes(field);
        string json = value is null ? "null" : $"\"{JsonEncodedText.Encode(value)}\"";
        var output = new ArrayBufferWriter<byte>(record.Length + 64);
        output.Write(Encoding.UTF8.GetBytes($$"""{"{{JsonEncodedText.Encode(field)}}":{{json}} """));
        foreach (JsonMember member in new JsonMembers(record))
        {
            if (!member.Is(name))
                Append(output, member, isFirst: false);
        }

        output.Write("}"u8);
        return output.WrittenMemory;
    }

    /// <summary>Writes a member as it was, but for the spelling of <c>id</c>.</summary>
    public static void Append(ArrayBufferWriter<byte> output, JsonMember member, bool isFirst)
    {
        if (!isFirst)
            output.Write(","u8);
        output.Write(member.Is(Id) ? "\"id\""u8 : member.Name);
        output.Write(":"u8);
        output.Write(member.Value);
    }
}
