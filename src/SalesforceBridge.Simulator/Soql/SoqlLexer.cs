using System.Globalization;
using System.Text;
using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.Soql;

/// <summary>A word, literal or sign of a statement.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As written.</param>
/// <param name="Position">Where it begins.</param>
/// <param name="Value">The value of a literal.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Position, object? Value = null)
{
    public bool Is(string text) => Kind is TokenKind.Name or TokenKind.Sign && string.Equals(Text, text, StringComparison.OrdinalIgnoreCase);
}

internal enum TokenKind
{
    Name,
    Literal,
    Sign,
    End,
}

/// <summary>Cuts a statement into tokens.</summary>
internal static class SoqlLexer
{
    private static readonly string[] Signs = ["<=", ">=", "!=", "<>", "=", "<", ">", "(", ")", ","];

    public static List<Token> Read(string soql)
    {
        var tokens = new List<Token>();
        int at = 0;
        while (at < soql.Length)
        {
            char first = soql[at];
            if (char.IsWhiteSpace(first))
            {
                at++;
                continue;
            }
            Token token = first switch
            {
                '\'' => Text(soql, at),
                _ when char.IsAsciiDigit(first) || first is '-' or '+' => NumberOrDate(soql, at),
                _ when char.IsAsciiLetter(first) || first == '_' => Name(soql, at),
                _ => Sign(soql, at),
            };
            tokens.Add(token);
            at += token.Text.Length;
        }
        tokens.Add(new Token(TokenKind.End, "<EOF>", soql.Length));
        return tokens;
    }

    private static Token Name(string soql, int at)
    {
        int end = at;
        while (end < soql.Length && (char.IsAsciiLetterOrDigit(soql[end]) || soql[end] is '_' or '.'))
            end++;
        // LAST_N_DAYS:30
        if (end + 1 < soql.Length && soql[end] == ':' && char.IsAsciiDigit(soql[end + 1]))
        {
            for (end++; end < soql.Length && char.IsAsciiDigit(soql[end]);)
                end++;
        }
        string text = soql[at..end];
        return text.ToUpperInvariant() switch
        {
            "NULL" => new Token(TokenKind.Literal, text, at),
            "TRUE" => new Token(TokenKind.Literal, text, at, true),
            "FALSE" => new Token(TokenKind.Literal, text, at, false),
            _ when RelativeDate.Parse(text) is { } near => new Token(TokenKind.Literal, text, at, near),
            _ when text.Contains(':', StringComparison.Ordinal) => throw NoAlternative(at, text),
            _ => new Token(TokenKind.Name, text, at),
        };
    }

    private static Token Text(string soql, int at)
    {
        var value = new StringBuilder();
        for (int next = at + 1; next < soql.Length; next++)
        {
            if (soql[next] == '\'')
                return new Token(TokenKind.Literal, soql[at..(next + 1)], at, value.ToString());
            if (soql[next] == '\\' && ++next < soql.Length)
                value.Append(Unescape(soql[next]) ?? throw Illegal(soql[next]));
            else if (next < soql.Length)
                value.Append(soql[next]);
        }
        throw SoqlException.Malformed($"line 1:{at} mismatched character '<EOF>' expecting '''");
    }

    // LIKE needs to see that a wildcard was escaped, so the backslash before it stays, and before itself; elsewhere the binder takes it away.
    private static string? Unescape(char escaped) => char.ToLowerInvariant(escaped) switch
    {
        'n' => "\n",
        'r' => "\r",
        't' => "\t",
        'b' => "\b",
        'f' => "\f",
        '_' or '%' or '\\' => "\\" + escaped,
        '\'' or '"' => escaped.ToString(),
        _ => null,
    };

    private static Token NumberOrDate(string soql, int at)
    {
        int end = at + 1;
        while (end < soql.Length && (char.IsAsciiLetterOrDigit(soql[end]) || soql[end] is '.' or ':' or '-' or '+'))
            end++;
        string text = soql[at..end];
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number))
            return new Token(TokenKind.Literal, text, at, number);
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", out DateOnly date))
            return new Token(TokenKind.Literal, text, at, date);
        if (FieldValue.TryParseDateTime(text, out DateTimeOffset instant))
            return new Token(TokenKind.Literal, text, at, instant);
        throw NoAlternative(at, text);
    }

    private static Token Sign(string soql, int at)
    {
        string? sign = Array.Find(Signs, sign => string.CompareOrdinal(soql, at, sign, 0, sign.Length) == 0);
        return sign is null
            ? throw NoAlternative(at, soql[at].ToString())
            : new Token(TokenKind.Sign, sign, at);
    }

    private static SoqlException NoAlternative(int at, string text) => SoqlException.Malformed($"line 1:{at} no viable alternative at character '{text}'");

    private static SoqlException Illegal(char escaped) => SoqlException.Malformed($"Invalid string literal. Illegal character sequence '\\{escaped}' in string literal.");
}
