using System.Text;

namespace SalesforceBridge.Logging;

/// <summary>
/// The bytes of one log line, never more than Heroku takes in one piece (it splits at 10,000).
/// Text goes in escaped, so that nothing logged can end a line, begin another, or move a terminal's cursor.
/// </summary>
internal sealed class LineBuffer
{
    /// <summary>The longest line, its line break included.</summary>
    public const int Capacity = 9_900;

    // Kept back for what closes a line: quotes, braces, the mark of a cut.
    private const int Reserve = 60;
    private const string CutMark = "...";

    private readonly byte[] _bytes = new byte[Capacity];
    private int _length;

    /// <summary>Whether something did not fit.</summary>
    public bool IsCut { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    private int Room => Capacity - Reserve - _length;

    public void Clear()
    {
        _length = 0;
        IsCut = false;
    }

    /// <summary>Punctuation of the line's own; it may use the reserve.</summary>
    public void Raw(string text) => _length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_length));

    /// <summary>Whether a field of this name and at least a little of its value still fit; if not, the line is marked as cut.</summary>
    public bool HasRoomFor(string name)
    {
        bool fits = Room > name.Length + 40;
        IsCut |= !fits;
        return fits;
    }

    /// <summary>Text, escaped, and cut after <paramref name="most"/> bytes or where the line is full.</summary>
    public void Escaped(ReadOnlySpan<char> text, int most, bool inQuotes)
    {
        int end = _length + Math.Min(most, Room) - CutMark.Length;
        Span<byte> encoded = stackalloc byte[8];
        foreach (Rune rune in text.EnumerateRunes())
        {
            int count = Encode(rune, encoded, inQuotes);
            if (_length + count > end)
            {
                Raw(CutMark);
                IsCut = true;
                return;
            }

            encoded[..count].CopyTo(_bytes.AsSpan(_length));
            _length += count;
        }
    }

    private static int Encode(Rune rune, Span<byte> target, bool inQuotes)
    {
        string? escape = rune.Value switch
        {
            '"' when inQuotes => "\\\"",
            '\\' when inQuotes => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            < 0x20 or (>= 0x7F and < 0xA0) or 0x2028 or 0x2029 => $"\\u{rune.Value:x4}",
            _ => null,
        };
        return escape is null ? rune.EncodeToUtf8(target) : Encoding.UTF8.GetBytes(escape, target);
    }
}
