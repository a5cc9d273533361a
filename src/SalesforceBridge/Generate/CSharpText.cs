using System.Globalization;
using System.Security;
using System.Text;

namespace SalesforceBridge.Generate;

/// <summary>What the org calls something, as a part of C#: whatever it holds, it ends where it should.</summary>
internal static class CSharpText
{
    /// <summary>A string literal.</summary>
    public static string Literal(string text)
    {
        var literal = new StringBuilder("\"");
        foreach (char letter in text)
        {
            if (letter is '"' or '\\')
                literal.Append('\\').Append(letter);
            else if (IsOrdinary(letter))
                literal.Append(letter);
            else
                literal.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
        }

        return literal.Append('"').ToString();
    }

    /// <summary>A text in a documentation comment, on one line.</summary>
    public static string Doc(string text) => SecurityElement.Escape(string.Join(' ', string
        .Concat(text.Select(letter => IsOrdinary(letter) ? letter : ' ')).Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    // Neither ends a line, nor is half of something, nor leaves the reader guessing.
    private static bool IsOrdinary(char letter) => char.GetUnicodeCategory(letter) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse);
}
