namespace SalesforceBridge.Simulator.Soql;

/// <summary>The pattern of LIKE: % is any text, _ any character, \ before a character means the character itself. Case does not count.</summary>
internal static class LikePattern
{
    public static bool Matches(string text, string pattern)
    {
        int at = 0;
        int next = 0;
        // Where the last % stands, and what of the text it takes so far. Only the last one ever needs to take more.
        int percent = -1;
        int taken = 0;
        while (at < text.Length)
        {
            int length = Takes(pattern, next, text[at]);
            if (next < pattern.Length && pattern[next] == '%')
            {
                (percent, taken) = (next++, at);
            }
            else if (length > 0)
            {
                at++;
                next += length;
            }
            else if (percent >= 0)
            {
                (next, at) = (percent + 1, ++taken);
            }
            else
            {
                return false;
            }
        }
        return pattern.AsSpan(next).TrimStart('%').IsEmpty;
    }

    // How much of the pattern a character uses up; nothing when it does not fit.
    private static int Takes(string pattern, int next, char character)
    {
        if (next == pattern.Length)
            return 0;
        bool escaped = pattern[next] == '\\' && next + 1 < pattern.Length;
        char expected = escaped ? pattern[next + 1] : pattern[next];
        bool fits = (!escaped && expected == '_') || char.ToUpperInvariant(character) == char.ToUpperInvariant(expected);
        return fits ? (escaped ? 2 : 1) : 0;
    }
}
