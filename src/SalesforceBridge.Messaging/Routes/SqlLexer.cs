using System.Runtime.InteropServices;

namespace SalesforceBridge.Messaging;

/// <summary>What a piece of SQL text is, as far as composing statements needs to know.</summary>
internal enum SqlTokenKind
{
    /// <summary>A key word or an unquoted name.</summary>
    Word,

    /// <summary>A string in quotes or dollars, or a quoted name.</summary>
    Quoted,

    /// <summary>A parameter such as <c>$1</c>.</summary>
    Parameter,

    /// <summary>A number, an operator character, a comma.</summary>
    Other,

    Open,
    Close,
    Semicolon,

    /// <summary>A string, quoted name or comment that the text ends within.</summary>
    Unterminated,
}

/// <summary>One token; white space and comments are none.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SqlToken(SqlTokenKind Kind, int Start, int End);

/// <summary>
/// Cuts SQL text into tokens where PostgreSQL's own scanner cuts it (its <c>scan.l</c>, with
/// <c>standard_conforming_strings</c> on, which is the default since 9.1).
/// </summary>
internal ref struct SqlLexer(string text)
{
    private int _at;

    /// <summary>The next token, or null at the end of the text.</summary>
    public SqlToken? Next()
    {
        int blank = SkipBlank();
        if (blank >= 0)
            return Ended(blank);
        if (_at == text.Length)
            return null;

        int start = _at;
        char c = text[_at];
        return c switch
        {
            '\'' or '"' => Quoted(start, c),
            'e' or 'E' when At(_at + 1) == '\'' => EscapeString(start),
            '$' => Dollar(start),
            '(' => Take(SqlTokenKind.Open, start + 1),
            ')' => Take(SqlTokenKind.Close, start + 1),
            ';' => Take(SqlTokenKind.Semicolon, start + 1),
            _ when IsNameStart(c) => Take(SqlTokenKind.Word, EndOf(start, IsNamePart)),
            _ when char.IsAsciiDigit(c) => Take(SqlTokenKind.Other, EndOf(start, char.IsAsciiDigit)),
            _ => Take(SqlTokenKind.Other, start + 1),
        };
    }

    // Returns where a comment begins that never ends, else -1. An operator ends where "--" or "/*" begins within it,
    // so looking for both at every character finds the comments that the server finds.
    private int SkipBlank()
    {
        while (_at < text.Length)
        {
            if (IsSpace(text[_at]))
                _at++;
            else if (LooksAt("--"))
                _at = EndOfLine(_at);
            else if (!LooksAt("/*"))
                break;
            else if (!SkipBlockComment(out int start))
                return start;
        }

        return -1;
    }

    private bool SkipBlockComment(out int start)
    {
        start = _at;
        int depth = 0;
        while (_at < text.Length)
        {
            if (LooksAt("/*"))
                (depth, _at) = (depth + 1, _at + 2);
            else if (LooksAt("*/"))
                (depth, _at) = (depth - 1, _at + 2);
            else
                _at++;
            if (depth == 0)
                return true;
        }

        return false;
    }

    // Two quotes in a row are one quote inside.
    private SqlToken Quoted(int start, char quote)
    {
        for (int i = start + 1; i < text.Length; i++)
        {
            if (text[i] != quote)
                continue;
            if (At(i + 1) != quote)
                return Take(SqlTokenKind.Quoted, i + 1);
            i++;
        }

        return Ended(start);
    }

    // E'..' knows backslashes, and goes on knowing them in a string that continues it on a later line.
    private SqlToken EscapeString(int start)
    {
        for (int i = start + 2; i < text.Length; i++)
        {
            if (text[i] == '\\' || (text[i] == '\'' && At(i + 1) == '\''))
                i++;
            else if (text[i] == '\'')
            {
                int continued = ContinuedAt(i + 1);
                if (continued < 0)
                    return Take(SqlTokenKind.Quoted, i + 1);
                i = continued;
            }
        }

        return Ended(start);
    }

    // Where the quote is that continues a string after a line break, or -1. Line comments may stand between.
    private readonly int ContinuedAt(int at)
    {
        bool broken = false;
        while (at < text.Length)
        {
            if (IsSpace(text[at]))
                broken |= text[at++] is '\n' or '\r';
            else if (string.CompareOrdinal(text, at, "--", 0, 2) == 0)
                at = EndOfLine(at);
            else
                break;
        }

        return broken && At(at) == '\'' ? at : -1;
    }

    private SqlToken Dollar(int start)
    {
        if (char.IsAsciiDigit(At(start + 1)))
            return Take(SqlTokenKind.Parameter, EndOf(start + 1, char.IsAsciiDigit));

        int tagEnd = IsNameStart(At(start + 1)) ? EndOf(start + 1, IsTagPart) : start + 1;
        if (At(tagEnd) != '$')
            return Take(SqlTokenKind.Other, start + 1);

        string tag = text[start..(tagEnd + 1)];
        int end = text.IndexOf(tag, tagEnd + 1, StringComparison.Ordinal);
        return end < 0 ? Ended(start) : Take(SqlTokenKind.Quoted, end + tag.Length);
    }

    private SqlToken Take(SqlTokenKind kind, int end)
    {
        int start = _at;
        _at = end;
        return new(kind, start, end);
    }

    private SqlToken Ended(int start)
    {
        _at = text.Length;
        return new(SqlTokenKind.Unterminated, start, text.Length);
    }

    private readonly char At(int index) => index < text.Length ? text[index] : '\0';

    private readonly bool LooksAt(string token) => string.CompareOrdinal(text, _at, token, 0, token.Length) == 0;

    private readonly int EndOfLine(int from)
    {
        int length = text.AsSpan(from).IndexOfAny('\n', '\r');
        return length < 0 ? text.Length : from + length;
    }

    private readonly int EndOf(int from, Func<char, bool> belongs)
    {
        int end = from;
        while (end < text.Length && belongs(text[end]))
            end++;
        return end;
    }

    private static bool IsSpace(char c) => c is ' ' or (>= '\t' and <= '\r');

    // Every character above ASCII may be part of a name, a no-break space too.
    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_' || c >= '\u0080';

    private static bool IsTagPart(char c) => IsNameStart(c) || char.IsAsciiDigit(c);

    private static bool IsNamePart(char c) => IsTagPart(c) || c == '$';
}
