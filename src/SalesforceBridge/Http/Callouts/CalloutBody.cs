using System.Text.Json;

namespace SalesforceBridge.Http.Callouts;

/// <summary>
/// What a callout brings, taken apart without being copied: the records, and what else stands beside them. It knows the shapes that Apex
/// developers send: <c>{"new": [...], "old": [...]}</c>, an array, <c>{"records": [...]}</c>, one sObject, any other object.
/// </summary>
internal sealed class CalloutBody
{
    public const int DeepestNesting = 64;
    public const int MostRecords = 50_000;

    private static readonly byte[] Utf8Mark = [0xEF, 0xBB, 0xBF];

    private CalloutBody(IReadOnlyList<CalloutRecord> records, IReadOnlyList<JsonMember> beside) => (Records, Beside) = (records, beside);

    public IReadOnlyList<CalloutRecord> Records { get; }

    /// <summary>The envelope's other members.</summary>
    public IReadOnlyList<JsonMember> Beside { get; }

    /// <summary>The user of the org who caused it, as <c>userId</c> beside the records says; null where that says nothing, or is no user's id.</summary>
    public string? UserId =>
        Beside.LastOrDefault(member => member.Name == "userId")?.Text() is { Length: 15 or 18 } id && id.All(char.IsAsciiLetterOrDigit) ? id : null;

    /// <summary>Takes a body apart.</summary>
    /// <exception cref="RequestRefusedException">It is no JSON, too deep, ambiguous, or has no record.</exception>
    public static CalloutBody Read(ReadOnlyMemory<byte> body)
    {
        ReadOnlyMemory<byte> json = WithoutMark(body);
        try
        {
            List<JsonMember> members = [];
            List<ReadOnlyMemory<byte>>? elements = null;
            var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = DeepestNesting });
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray)
                elements = JsonSlices.Elements(json, ref reader);
            else if (reader.TokenType == JsonTokenType.StartObject)
                members = JsonSlices.Members(json, ref reader);
            else
                throw Refused("no_record", "The body is a single value. Send an object or an array of records.");
            reader.Read();
            return elements is not null ? Of([.. elements.Select(CalloutRecord.Alone)], []) : OfObject(json, members);
        }
        catch (JsonException wrong)
        {
            throw Refused("bad_json", $"The body is no JSON, or nested deeper than {DeepestNesting}: line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine + 1}.");
        }
    }

    private static CalloutBody OfObject(ReadOnlyMemory<byte> json, List<JsonMember> members)
    {
        bool isRecord = members.Exists(member => member.Name == "attributes");
        JsonMember[] triggered = [.. members.Where(member => member.Name is "new" or "old")];
        JsonMember[] listed = [.. members.Where(member => member.Name == "records")];
        if (!isRecord && triggered.Length > 0 && Array.TrueForAll(triggered, member => member.IsArray || member.IsNull))
            return OfTrigger(members, One(triggered, "new"), One(triggered, "old"));
        if (!isRecord && listed.Length > 0 && Array.TrueForAll(listed, member => member.IsArray))
            return Of([.. One(listed, "records")!.Elements().Select(CalloutRecord.Alone)], Others(members, "records", "record", "old"));
        return Of([CalloutRecord.Alone(json)], []);
    }

    private static CalloutBody OfTrigger(List<JsonMember> members, JsonMember? now, JsonMember? before) =>
        Of(CalloutRecord.Pair(now?.Elements() ?? [], before?.Elements() ?? []), Others(members, "new", "old", "operation", "record"));

    private static CalloutBody Of(IReadOnlyList<CalloutRecord> records, IReadOnlyList<JsonMember> beside) => records.Count switch
    {
        0 => throw Refused("no_record", "The body has no record, so there is nothing to do. Do not call where a list is empty."),
        > MostRecords => throw new RequestRefusedException(
            StatusCodes.Status413PayloadTooLarge, "too_many_records", $"The body has {records.Count} records and at most {MostRecords} are taken. Send it in parts."),
        _ => new CalloutBody(records, beside),
    };

    // Of two lists by one name one would be lost without a word.
    private static JsonMember? One(JsonMember[] members, string name)
    {
        JsonMember[] named = [.. members.Where(member => member.Name == name)];
        return named.Length > 1 ? throw Refused("duplicate_key", $"The body has `{name}` more than once.") : named.SingleOrDefault();
    }

    private static List<JsonMember> Others(List<JsonMember> members, params string[] known) =>
        [.. members.Where(member => !known.Contains(member.Name))];

    /// <summary>A body without the mark that some put before UTF-8.</summary>
    /// <exception cref="RequestRefusedException">It is not UTF-8.</exception>
    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> body)
    {
        ReadOnlySpan<byte> text = body.Span;
        if (text is [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..] or [0, _, ..] or [_, 0, ..])
            throw Refused("not_utf8", "The body is UTF-16 or UTF-32. Send UTF-8.");
        return text.StartsWith(Utf8Mark) ? body[Utf8Mark.Length..] : body;
    }

    private static RequestRefusedException Refused(string error, string message) => new(StatusCodes.Status400BadRequest, error, message);
}

/// <summary>A member of a JSON object, in the bytes it came in.</summary>
/// <param name="Name">Its name; empty where that is no text.</param>
/// <param name="Whole">Name and value.</param>
/// <param name="Value">The value.</param>
internal sealed record JsonMember(string Name, ReadOnlyMemory<byte> Whole, ReadOnlyMemory<byte> Value)
{
    public bool IsArray => Value.Span is [(byte)'[', ..];

    public bool IsNull => Value.Span.SequenceEqual("null"u8);

    /// <summary>The values in it, if it is an array.</summary>
    public List<ReadOnlyMemory<byte>> Elements()
    {
        if (!IsArray)
            return [];
        var reader = new Utf8JsonReader(Value.Span);
        reader.Read();
        return JsonSlices.Elements(Value, ref reader);
    }

    /// <summary>The value, if it is a text.</summary>
    public string? Text()
    {
        var reader = new Utf8JsonReader(Value.Span);
        return reader.Read() && reader.TokenType == JsonTokenType.String ? JsonSlices.TextOf(ref reader) : null;
    }
}

/// <summary>Cuts JSON into its parts. A reader stands at the beginning of an array or an object, and then at its end.</summary>
internal static class JsonSlices
{
    public static List<ReadOnlyMemory<byte>> Elements(ReadOnlyMemory<byte> json, ref Utf8JsonReader reader)
    {
        List<ReadOnlyMemory<byte>> elements = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            elements.Add(Value(json, ref reader));
        return elements;
    }

    public static List<JsonMember> Members(ReadOnlyMemory<byte> json, ref Utf8JsonReader reader)
    {
        List<JsonMember> members = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            int start = (int)reader.TokenStartIndex;
            string name = TextOf(ref reader) ?? "";
            reader.Read();
            ReadOnlyMemory<byte> value = Value(json, ref reader);
            members.Add(new JsonMember(name, json[start..(int)reader.BytesConsumed], value));
        }

        return members;
    }

    /// <summary>The members of a value, if it is an object.</summary>
    public static List<JsonMember> Members(ReadOnlyMemory<byte> value)
    {
        var reader = new Utf8JsonReader(value.Span);
        return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? Members(value, ref reader) : [];
    }

    /// <summary>The text at the reader; null where its bytes or escapes are none.</summary>
    public static string? TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static ReadOnlyMemory<byte> Value(ReadOnlyMemory<byte> json, ref Utf8JsonReader reader)
    {
        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }
}
