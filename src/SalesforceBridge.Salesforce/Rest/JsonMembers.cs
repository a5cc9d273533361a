using System.Text;
using System.Text.Json;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>The members of one JSON object, as slices of its bytes.</summary>
internal ref struct JsonMembers(ReadOnlySpan<byte> json)
{
    private readonly ReadOnlySpan<byte> _json = json;

    // However deep a value is nested, what to make of it is for the org to say.
    private Utf8JsonReader _reader = new(json, new JsonReaderOptions { MaxDepth = int.MaxValue });

    private bool _isInside;

    public JsonMember Current { get; private set; }

    public readonly JsonMembers GetEnumerator() => this;

    /// <exception cref="JsonException">It is not one JSON object.</exception>
    public bool MoveNext()
    {
        if (!_isInside && !(_reader.Read() && _reader.TokenType is JsonTokenType.StartObject))
            throw new JsonException("The record is not a JSON object.");
        _isInside = true;
        _reader.Read();
        if (_reader.TokenType is JsonTokenType.EndObject)
        {
            // Finds what does not belong behind the object.
            _reader.Read();
            return false;
        }

        ReadOnlySpan<byte> name = _json[(int)_reader.TokenStartIndex..(int)(_reader.TokenStartIndex + _reader.ValueSpan.Length + 2)];
        _reader.Read();
        int start = (int)_reader.TokenStartIndex;
        _reader.Skip();
        Current = new JsonMember(name, _json[start..(int)_reader.BytesConsumed]);
        return true;
    }
}

/// <summary>A member's bytes.</summary>
/// <param name="name">The name with its quotes.</param>
/// <param name="value">The value.</param>
internal readonly ref struct JsonMember(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
{
    public ReadOnlySpan<byte> Name { get; } = name;

    public ReadOnlySpan<byte> Value { get; } = value;

    /// <summary>The value of a string, the digits of a number; null for anything else, broken Unicode too.</summary>
    public string? Text
    {
        get
        {
            var reader = new Utf8JsonReader(Value);
            reader.Read();
            return reader.TokenType switch
            {
                JsonTokenType.String => TextOf(ref reader),
                JsonTokenType.Number => Encoding.ASCII.GetString(Value),
                _ => null,
            };
        }
    }

    /// <summary>Whether it has this name; field names are ASCII, and their case does not count.</summary>
    public bool Is(ReadOnlySpan<byte> field) => !field.IsEmpty && Ascii.EqualsIgnoreCase(Name[1..^1], field);

    private static string? TextOf(ref Utf8JsonReader reader)
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
}
