namespace SalesforceBridge.Messaging.Routes;

/// <summary>Something wrong in SQL text.</summary>
/// <param name="Line">The line of the text, from 1.</param>
/// <param name="What">What is wrong and what to do about it.</param>
public readonly record struct SqlFault(int Line, string What);

/// <summary>
/// A route's SQL as written, and how it becomes part of a larger statement. The text is read with PostgreSQL's own rules for
/// strings, names and comments, so that no semicolon or comment inside it can reach what is put around it. Text without faults
/// is still only known to be whole: that it is a valid statement the server says, which must parse it alone before composed
/// text is run.
/// </summary>
public sealed class SqlText
{
    private readonly List<SqlFault> _faults = [];
    private int _afterWith = -1;

    private SqlText(string text) => (Text, Statement) = (text, text);

    /// <summary>The text as given.</summary>
    public string Text { get; }

    /// <summary>The text with a space in place of the semicolon that ends it, so positions in it are positions in <see cref="Text"/>.</summary>
    public string Statement { get; private set; }

    /// <summary>What keeps the text from being one whole statement, in the order of its lines.</summary>
    public IReadOnlyList<SqlFault> Faults => _faults;

    /// <summary>There is nothing but white space, comments and semicolons.</summary>
    public bool IsEmpty => FirstWord.Length == 0;

    /// <summary>Something other than comments follows a semicolon.</summary>
    public bool HasSecondStatement { get; private set; }

    /// <summary>The text uses parameters such as <c>$1</c>.</summary>
    public bool HasParameters { get; private set; }

    /// <summary>The first word in lower case (<c>select</c>, <c>insert</c>), or the first character if the text starts with none.</summary>
    public string FirstWord { get; private set; } = "";

    /// <summary>The statement begins with <c>with</c>, outside of parentheses.</summary>
    public bool BeginsWithWith => _afterWith >= 0;

    /// <summary>The statement begins with <c>with recursive</c>, outside of parentheses.</summary>
    public bool BeginsWithRecursive { get; private set; }

    /// <summary>Reads SQL text. Never throws: what is wrong with the text is in <see cref="Faults"/>.</summary>
    public static SqlText Read(string text)
    {
        var sql = new SqlText(text);
        sql.ReadTokens();
        return sql;
    }

    /// <summary>The statement in parentheses, for use after <c>from</c> or as a scalar; a comment at its end swallows nothing.</summary>
    /// <exception cref="InvalidOperationException">The text has faults.</exception>
    public string AsSubquery() => $"(\n{Whole()}\n)";

    /// <summary>The statement with a common table expression before its own.</summary>
    /// <param name="messageCte">The expression without <c>with</c>, such as <c>message as (select ...)</c>.</param>
    /// <exception cref="InvalidOperationException">The text has faults.</exception>
    public string WithMessage(string messageCte) => BeginsWithWith
        ? $"{Whole()[.._afterWith]} {messageCte},\n{Statement[_afterWith..]}"
        : $"with {messageCte}\n{Whole()}";

    private string Whole() => _faults.Count == 0
        ? Statement
        : throw new InvalidOperationException($"SQL with faults cannot be composed: line {_faults[0].Line}: {_faults[0].What}");

    private void ReadTokens()
    {
        var lexer = new SqlLexer(Text);
        Stack<int> open = [];
        int ended = -1;
        for (int n = 0; lexer.Next() is { } token; n++)
        {
            if (ended >= 0)
            {
                HasSecondStatement = true;
                Fault(token.Start, "a second statement follows a semicolon; a route is one statement, so remove what follows "
                    + "or make it a route of its own");
                break;
            }

            if (token.Kind == SqlTokenKind.Semicolon)
            {
                ended = token.Start;
                continue;
            }

            ReadStart(n, token);
            CheckToken(token, open);
        }

        if (IsEmpty)
            Fault(0, "there is no statement; write one after the header lines");
        if (open.TryPop(out int unclosed))
            Fault(unclosed, "this opening parenthesis is never closed");
        if (ended >= 0)
            Statement = $"{Text[..ended]} {Text[(ended + 1)..]}";
        _faults.Sort((a, b) => a.Line.CompareTo(b.Line));
    }

    private void ReadStart(int n, SqlToken token)
    {
        bool follows(string word) => token.Kind == SqlTokenKind.Word
            && Text.AsSpan(token.Start, token.End - token.Start).Equals(word, StringComparison.OrdinalIgnoreCase);

        if (n == 0)
            FirstWord = token.Kind == SqlTokenKind.Word ? Text[token.Start..token.End].ToLowerInvariant() : Text[token.Start].ToString();
        if (n == 0 && follows("with"))
            _afterWith = token.End;
        if (n == 1 && BeginsWithWith && follows("recursive"))
            (BeginsWithRecursive, _afterWith) = (true, token.End);
    }

    private void CheckToken(SqlToken token, Stack<int> open)
    {
        switch (token.Kind)
        {
            case SqlTokenKind.Open:
                open.Push(token.Start);
                break;
            case SqlTokenKind.Close when !open.TryPop(out _):
                Fault(token.Start, "this closing parenthesis has no opening one");
                break;
            case SqlTokenKind.Parameter:
                HasParameters = true;
                Fault(token.Start, $"{Text[token.Start..token.End]} is a parameter and a route has none; take values from `message`");
                break;
            case SqlTokenKind.Unterminated:
                Fault(token.Start, Text[token.Start] switch
                {
                    '/' => "the comment that starts here never ends; close it with */",
                    '"' => "the quoted name that starts here never ends; close it with \"",
                    '$' => "the dollar-quoted string that starts here never ends; repeat its opening mark",
                    _ => "the string that starts here never ends; close it with '",
                });
                break;
        }
    }

    private void Fault(int at, string what) => _faults.Add(new(Text.AsSpan(0, at).Count('\n') + 1, what));
}
