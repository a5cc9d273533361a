using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>Reads what is around the records of an answer.</summary>
/// <param name="reader">Stands on the answer's first token, and has to be left on its last.</param>
/// <param name="records">Reads the records.</param>
internal delegate TAnswer AnswerReading<TAnswer, T>(ref Utf8JsonReader reader, RecordListReader<T> records);

/// <summary>Reads an answer with records in it: in one pass over its bytes, of which each record takes its own.</summary>
internal static class RecordListReader
{
    /// <summary>Reads an answer that is nothing but a list of records. A null stays where it is: the org has no such record.</summary>
    /// <exception cref="JsonException">It is no array, or a record is of another form.</exception>
    public static List<T?> ReadWithGaps<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type) =>
        Read<List<T?>, T>(json, type, (ref reader, records) => records.ReadWithGaps(ref reader));

    /// <summary>Reads an answer.</summary>
    /// <param name="json">All of its bytes.</param>
    /// <param name="type">How a record is read.</param>
    /// <param name="reading">Reads what is around the records.</param>
    /// <exception cref="JsonException">It is not JSON, or of another form.</exception>
    public static TAnswer Read<TAnswer, T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, AnswerReading<TAnswer, T> reading)
        where TAnswer : class
    {
        // The serializer, and not a loop of ours, begins and ends the pass: it finds what does not belong behind the answer, and makes one exception of
        // whatever a record's converters may throw.
        var converter = new AnswerConverter<TAnswer, T>(reading, new RecordListReader<T>(type));
        return JsonSerializer.Deserialize(json, JsonMetadataServices.CreateValueInfo<TAnswer>(type.Options, converter))
            ?? throw new JsonException("The answer is null.");
    }

    /// <summary>The name of the next member of the answer; the reader then stands on its value. Null behind the last one.</summary>
    /// <exception cref="JsonException">The answer is no object.</exception>
    public static string? NextMember(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.StartArray || !reader.Read())
            throw new JsonException("The answer is a JSON object.");
        if (reader.TokenType is JsonTokenType.EndObject)
            return null;
        string? name = reader.GetString();
        reader.Read();
        return name;
    }

    private sealed class AnswerConverter<TAnswer, T>(AnswerReading<TAnswer, T> reading, RecordListReader<T> records) : JsonConverter<TAnswer>
        where TAnswer : class
    {
        public override TAnswer Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reading(ref reader, records);

        public override void Write(Utf8JsonWriter writer, TAnswer value, JsonSerializerOptions options) => throw new NotSupportedException("Answers are read.");
    }
}

/// <summary>Reads JSON arrays of records one by one, so that their list needs no metadata of its own.</summary>
internal sealed class RecordListReader<T>(JsonTypeInfo<T> type)
{
    // It looks for no end before it reads, as the serializer does with what begins within other bytes. But it asks the options how to read, so that
    // a type that they do not have like this is left to the serializer.
    private readonly JsonConverter<T>? _inPlace =
        type.Options.TryGetTypeInfo(typeof(T), out JsonTypeInfo? known) && known == type ? type.Converter as JsonConverter<T> : null;

    /// <summary>The records of the array that the reader stands on.</summary>
    /// <exception cref="JsonException">It is no array, or a record is null or of another form.</exception>
    public List<T> Read(ref Utf8JsonReader reader)
    {
        List<T> records = [];
        Begin(ref reader);
        while (HasNext(ref reader))
            records.Add(ReadOne(ref reader) ?? throw new JsonException("A record is null."));
        return records;
    }

    /// <summary>As <see cref="Read"/>, but a null stays where it is.</summary>
    /// <exception cref="JsonException">It is no array, or a record is of another form.</exception>
    public List<T?> ReadWithGaps(ref Utf8JsonReader reader)
    {
        List<T?> records = [];
        Begin(ref reader);
        while (HasNext(ref reader))
            records.Add(ReadOne(ref reader));
        return records;
    }

    private static void Begin(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not JsonTokenType.StartArray)
            throw new JsonException("Records are a list.");
    }

    private static bool HasNext(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType is not JsonTokenType.EndArray;

    private T? ReadOne(ref Utf8JsonReader reader)
    {
        // What a null means is the type's to say, and the serializer's to know.
        if (_inPlace is null || reader.TokenType is JsonTokenType.Null)
            return JsonSerializer.Deserialize(ref reader, type);
        int depth = reader.CurrentDepth;
        T? record = _inPlace.Read(ref reader, typeof(T), type.Options);
        bool isWhole = reader.CurrentDepth == depth && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray);
        return isWhole ? record : throw new JsonException("The converter of a record left some of it, or took more.");
    }
}
