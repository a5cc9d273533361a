using System.Text;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Reads hstore as the server writes it: <c>"name"=&gt;"value", "other"=&gt;NULL</c>. Connect keeps rows as such texts, in columns of type text.
/// They are read here, not by a cast, so that one damaged text spoils no other and nobody asks where the extension is installed.
/// </summary>
internal static class HstoreText
{
    private const string Null = "NULL";

    /// <summary>The pairs in their order; null where the text is no hstore.</summary>
    public static IReadOnlyList<KeyValuePair<string, string?>>? Read(string text)
    {
        List<KeyValuePair<string, string?>> pairs = [];
        int at = 0;
        SkipBlanks(text, ref at);
        while (at < text.Length)
        {
            if (pairs.Count > 0 && !Take(text, ref at, ",")
                || Quoted(text, ref at) is not { } key || !Take(text, ref at, "=>") || !Value(text, ref at, out string? value))
                return null;
            pairs.Add(new(key, value));
            SkipBlanks(text, ref at);
        }

        return pairs;
    }

    private static bool Value(string text, ref int at, out string? value)
    {
        value = null;
        if (Take(text, ref at, Null))
            return true;
        value = Quoted(text, ref at);
        return value is not null;
    }

    private static string? Quoted(string text, ref int at)
    {
        if (!Take(text, ref at, "\""))
            return null;
        var word = new StringBuilder();
        for (; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                at++;
                return word.ToString();
            }

            if (text[at] == '\\' && ++at == text.Length)
                break;
            word.Append(text[at]);
        }

        return null;
    }

    private static bool Take(string text, ref int at, string sign)
    {
        SkipBlanks(text, ref at);
        if (string.CompareOrdinal(text, at, sign, 0, sign.Length) != 0)
            return false;
        at += sign.Length;
        return true;
    }

    private static void SkipBlanks(string text, ref int at)
    {
        while (at < text.Length && text[at] is ' ' or '\t' or '\r' or '\n')
            at++;
    }
}
