using System.Buffers;
using System.Text.Unicode;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Tells beforehand which text PostgreSQL would refuse as <c>jsonb</c>, since one refused value fails the statement that stores all
/// its neighbours. What it lets through, a server whose encoding is UTF8 takes (tried on PostgreSQL 15). It refuses
/// beyond that only what is nested deeper or larger than any message should be.
/// </summary>
public static class JsonFault
{
    /// <summary>The deepest nesting let through. The server's own bound follows from its stack and is several thousand.</summary>
    public const int DeepestNesting = 512;

    /// <summary>
    /// The longest text let through, in bytes. jsonb takes strings, arrays and objects of up to 268,435,455 bytes each, and a text of
    /// short numbers takes six times its own length there.
    /// </summary>
    public const int LongestText = 268_435_455 / 6;

    /// <summary>Why jsonb would refuse a text, as one sentence without any of its content, or null if jsonb takes it.</summary>
    /// <param name="utf8Json">The text in UTF-8.</param>
    public static string? Find(ReadOnlySpan<byte> utf8Json)
    {
        if (utf8Json.Length > LongestText)
            return $"It has {utf8Json.Length} bytes and at most {LongestText} are stored as JSON.";
        if (!Utf8.IsValid(utf8Json))
            return $"It is not UTF-8: byte {ValidLength(utf8Json)} is wrong.";
        return new JsonScanner(utf8Json).Document();
    }

    private static int ValidLength(ReadOnlySpan<byte> text)
    {
        int at = 0;
        while (System.Text.Rune.DecodeFromUtf8(text[at..], out _, out int length) == OperationStatus.Done)
            at += length;
        return at;
    }
}
