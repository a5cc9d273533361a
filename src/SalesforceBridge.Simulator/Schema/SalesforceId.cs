namespace SalesforceBridge.Simulator.Schema;

/// <summary>Record ids: 15 case-sensitive characters, or 18 with a suffix that survives case-insensitive comparison.</summary>
internal static class SalesforceId
{
    private const string SuffixAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>The id number <paramref name="number"/> of a key prefix, 18 characters long.</summary>
    public static string Number(string prefix, long number)
    {
        Span<char> id = stackalloc char[15];
        id.Fill('0');
        prefix.CopyTo(id);
        // Real orgs put the pod into these two places.
        "SM".CopyTo(id[3..]);
        for (int place = 14; number > 0; place--, number /= 62)
            id[place] = Digits[(int)(number % 62)];
        return With18(id);
    }

    /// <summary>The 18-character form of an id, or nothing when this is no id.</summary>
    public static string? Normalise(string? text)
    {
        if (text is not { Length: 15 or 18 } || !text.All(char.IsAsciiLetterOrDigit))
            return null;
        return With18(text.AsSpan(0, 15));
    }

    private static string With18(ReadOnlySpan<char> id15)
    {
        Span<char> id = stackalloc char[18];
        id15.CopyTo(id);
        for (int group = 0; group < 3; group++)
        {
            int bits = 0;
            for (int place = 0; place < 5; place++)
            {
                if (char.IsAsciiLetterUpper(id15[(group * 5) + place]))
                    bits |= 1 << place;
            }
            id[15 + group] = SuffixAlphabet[bits];
        }
        return new string(id);
    }
}
