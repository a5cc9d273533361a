using System.Buffers;
using System.Globalization;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Reads one JSON text (RFC 8259) from its first byte to its last by the rules of PostgreSQL's jsonb: each method moves past what it
/// is named for and returns null, or says what is wrong there.
/// </summary>
internal ref struct JsonScanner(ReadOnlySpan<byte> text)
{
    private const byte None = 0;

    private static readonly SearchValues<byte> EndsPlainText =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(control => (byte)control), (byte)'"', (byte)'\\']);

    private readonly ReadOnlySpan<byte> _text = text;
    private int _at;

    public string? Document()
    {
        string? fault = Value(depth: 0);
        if (fault is not null)
            return fault;
        return Peek() == None && _at == _text.Length ? null : NotJson("something follows the value");
    }

    private string? Value(int depth)
    {
        switch (Peek())
        {
            case (byte)'{':
                return depth == JsonFault.DeepestNesting ? TooDeep() : Object(depth);
            case (byte)'[':
                return depth == JsonFault.DeepestNesting ? TooDeep() : Array(depth);
            case (byte)'"':
                return String();
            case (byte)'t':
                return Literal("true"u8);
            case (byte)'f':
                return Literal("false"u8);
            case (byte)'n':
                return Literal("null"u8);
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9'):
                return Number();
            default:
                return NotJson("a value is expected");
        }
    }

    private string? Object(int depth)
    {
        _at++;
        if (Took((byte)'}'))
            return null;
        do
        {
            if (Peek() != '"')
                return NotJson("a property name is expected");
            if (String() is { } nameFault)
                return nameFault;
            if (!Took((byte)':'))
                return NotJson("a colon is expected");
            if (Value(depth + 1) is { } valueFault)
                return valueFault;
        }
        while (Took((byte)','));

        return Took((byte)'}') ? null : NotJson("a comma or } is expected");
    }

    private string? Array(int depth)
    {
        _at++;
        if (Took((byte)']'))
            return null;
        do
        {
            if (Value(depth + 1) is { } fault)
                return fault;
        }
        while (Took((byte)','));

        return Took((byte)']') ? null : NotJson("a comma or ] is expected");
    }

    private string? String()
    {
        _at++;
        while (true)
        {
            int plain = _text[_at..].IndexOfAny(EndsPlainText);
            if (plain < 0)
                return Ended();
            _at += plain;
            switch (_text[_at])
            {
                case (byte)'"':
                    _at++;
                    return null;
                case (byte)'\\':
                    if (Escape() is { } fault)
                        return fault;
                    break;
                default:
                    return NotJson("a string holds a control character that is not escaped");
            }
        }
    }

    private string? Escape()
    {
        if (_at + 1 == _text.Length)
            return Ended();
        if (_text[_at + 1] == 'u')
            return UnicodeEscape();
        if (!"\"\\/bfnrt"u8.Contains(_text[_at + 1]))
            return NotJson("a string holds an unknown escape");
        _at += 2;
        return null;
    }

    private string? UnicodeEscape()
    {
        int unit = CodeUnit();
        if (unit < 0)
            return NotJson("a string holds \\u without four hexadecimal digits");
        if (unit == 0)
            return $"A string holds \\u0000 at byte {_at}, which jsonb cannot store.";
        if (char.IsLowSurrogate((char)unit))
            return LoneSurrogate();
        _at += 6;
        if (!char.IsHighSurrogate((char)unit))
            return null;

        int low = CodeUnit();
        if (low < 0 || !char.IsLowSurrogate((char)low))
        {
            _at -= 6;
            return LoneSurrogate();
        }

        _at += 6;
        return null;
    }

    // The value of the escape \uXXXX at the current byte, or -1 if there is none. (The framework's parsers overlook a NUL at the end.)
    private readonly int CodeUnit()
    {
        if (_text.Length - _at < 6 || _text[_at] != '\\' || _text[_at + 1] != 'u')
            return -1;
        int unit = 0;
        foreach (byte digit in _text.Slice(_at + 2, 4))
        {
            if (!char.IsAsciiHexDigit((char)digit))
                return -1;
            unit = (unit << 4) | ((digit & 0xf) + (digit > '9' ? 9 : 0));
        }

        return unit;
    }

    private string? Number()
    {
        int start = _at;
        if (_text[_at] == '-')
            _at++;
        int whole = _at;
        int wholeDigits = Digits();
        if (wholeDigits == 0)
            return NotJson("a digit is expected");
        if (wholeDigits > 1 && _text[whole] == '0')
            return NotJson("a number starts with 0");

        ReadOnlySpan<byte> fraction = [];
        if (_at < _text.Length && _text[_at] == '.')
        {
            int point = _at++;
            if (Digits() == 0)
                return NotJson("a digit is expected");
            fraction = _text[(point + 1).._at];
        }

        long exponent = 0;
        if (_at < _text.Length && _text[_at] is (byte)'e' or (byte)'E' && !Exponent(out exponent))
            return NotJson("a digit is expected");
        return NumericTakes(_text.Slice(whole, wholeDigits), fraction, exponent)
            ? null
            : $"A number at byte {start} is outside of what jsonb can store.";
    }

    private bool Exponent(out long exponent)
    {
        _at++;
        bool negative = _at < _text.Length && _text[_at] == '-';
        if (negative || (_at < _text.Length && _text[_at] == '+'))
            _at++;
        int start = _at;
        int digits = Digits();
        ReadOnlySpan<byte> significant = _text.Slice(start, digits).TrimStart((byte)'0');
        exponent = significant.Length switch
        {
            0 => 0,
            > 10 => long.MaxValue,
            _ => long.Parse(significant, CultureInfo.InvariantCulture),
        };
        if (negative)
            exponent = -exponent;
        return digits > 0;
    }

    // PostgreSQL's numeric: at most 131,072 digits before the point and 16,383 after it, counted as written and moved by the exponent;
    // only leading zeros do not count. An exponent of half the integers' range is refused even for zero.
    private static bool NumericTakes(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction, long exponent)
    {
        if (exponent is >= int.MaxValue / 2 or <= -(int.MaxValue / 2))
            return false;
        if (fraction.Length - exponent > 16_383)
            return false;

        ReadOnlySpan<byte> wholeSignificant = whole.TrimStart((byte)'0');
        ReadOnlySpan<byte> fractionSignificant = fraction.TrimStart((byte)'0');
        if (wholeSignificant.Length > 0)
            return wholeSignificant.Length + exponent <= 131_072;
        return fractionSignificant.Length == 0 || exponent - (fraction.Length - fractionSignificant.Length) <= 131_072;
    }

    private int Digits()
    {
        int length = _text[_at..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        length = length < 0 ? _text.Length - _at : length;
        _at += length;
        return length;
    }

    private string? Literal(ReadOnlySpan<byte> word)
    {
        if (!_text[_at..].StartsWith(word))
            return NotJson("a value is expected");
        _at += word.Length;
        return null;
    }

    // The next byte that is no white space, or 0 at the end.
    private byte Peek()
    {
        while (_at < _text.Length)
        {
            byte next = _text[_at];
            if (next > ' ' || next is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
                return next;
            _at++;
        }

        return None;
    }

    private bool Took(byte expected)
    {
        if (Peek() != expected)
            return false;
        _at++;
        return true;
    }

    private readonly string NotJson(string why) => _at >= _text.Length ? Ended() : $"It is not JSON: at byte {_at} {why}.";

    private readonly string LoneSurrogate() => $"A string holds half of a surrogate pair at byte {_at}, which jsonb cannot store.";

    private readonly string TooDeep() => $"It is nested deeper than {JsonFault.DeepestNesting} levels at byte {_at}.";

    private static string Ended() => "It is not JSON: it ends too early.";
}
