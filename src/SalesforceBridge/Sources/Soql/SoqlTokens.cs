namespace SalesforceBridge.Sources.Soql;

/// <summary>A piece of a query.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As written.</param>
/// <param name="At">Where it begins in the query.</param>
/// <param name="Depth">How many parentheses stand open around it.</param>
internal readonly record struct SoqlToken(SoqlTokenKind Kind, string Text, int At, int Depth)
{
    public int End => At + Text.Length;

    /// <summary>Whether it is this word, in any case.</summary>
    public bool Is(string word) => Kind == SoqlTokenKind.Word && Text.Equals(word, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What a piece of a query is.</summary>
internal enum SoqlTokenKind
{
    /// <summary>A keyword, a name with its path, a number, a date or a date literal.</summary>
    Word,

    /// <summary>A text in single quotes.</summary>
    Text,

    /// <summary>Any other character.</summary>
    Sign,
}

/// <summary>Cuts a query into pieces and finds what would let one part of it run into another.</summary>
internal static class SoqlTokens
{
    /// <summary>The pieces of a query.</summary>
    /// <exception cref="FormatException">A text or parenthesis does not end, or one ends that did not begin; the message says what to do.</exception>
    public static List<SoqlToken> Read(string soql)
    {
        List<SoqlToken> tokens = [];
        int depth = 0;
        for (int at = 0; at < soql.Length;)
        {
            if (char.IsWhiteSpace(soql[at]))
            {
                at++;
                continue;
            }

            SoqlToken token = Next(soql, at, depth);
            depth += token.Text switch { "(" => 1, ")" => -1, _ => 0 };
            if (depth < 0)
                throw new FormatException("a `)` closes what no `(` opened; remove it, or add the `(`");
            tokens.Add(token with { Depth = Math.Min(token.Depth, depth) });
            at = token.End;
        }

        return depth == 0 ? tokens : throw new FormatException("a `(` is not closed; add its `)`");
    }

    private static SoqlToken Next(string soql, int at, int depth) => soql[at] switch
    {
        '\'' => new(SoqlTokenKind.Text, soql[at..EndOfText(soql, at)], at, depth),
        '"' => throw new FormatException("a text stands in double quotes; SOQL takes single ones"),
        ';' => throw new FormatException("a `;` has no place in a query; remove it"),
        var sign when !IsPartOfWord(sign) => new(SoqlTokenKind.Sign, sign.ToString(), at, depth),
        _ => new(SoqlTokenKind.Word, soql[at..EndOfWord(soql, at)], at, depth),
    };

    private static int EndOfText(string soql, int at)
    {
        for (int end = at + 1; end < soql.Length; end++)
        {
            if (soql[end] == '\'')
                return end + 1;
            if (soql[end] == '\\')
                end++;
        }

        throw new FormatException("a text in single quotes does not end; close it (a quote inside of it is `\\'`)");
    }

    private static int EndOfWord(string soql, int at)
    {
        int end = at + 1;
        // 2026-11-23T08:00:00+01:00 is one word, and so is LAST_N_DAYS:30.
        while (end < soql.Length && (IsPartOfWord(soql[end]) || soql[end] is ':' or '+' or '-'))
            end++;
        return end;
    }

    private static bool IsPartOfWord(char c) => char.IsLetterOrDigit(c) || c is '_' or '.';
}
