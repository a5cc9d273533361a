namespace SalesforceBridge.Messaging;

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

    /// <summary>The text with a space for the semicolon that ends it, so positions in it are positions in <see cref="Text"/>.</summary>
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

    /// <summary>
    /// The statement begins with <c>with</c>, perhaps in parentheses, and that clause is the whole statement's: another one
    /// in front of it would be an error. In <c>(with ... select ...) union ...</c> it is the first branch's alone, which does not count.
    /// </summary>
    public bool BeginsWithWith => _afterWith >= 0;

    /// <summary>As <see cref="BeginsWithWith"/>, with the key word <c>recursive</c>.</summary>
    public bool BeginsWithRecursive { get; private set; }

    /// <summary>Reads SQL text. Never throws: what is wrong with the text is in <see cref="Faults"/>.</summary>
    public static SqlText Read(string text)
    {
        List<SqlToken> tokens = [];
        var lexer = new SqlLexer(text);
        while (lexer.Next() is { } token)
            tokens.Add(token);

        var sql = new SqlText(text);
        sql.ReadEnd(tokens);
        sql.ReadBeginning(tokens);
        sql.CheckTokens(tokens);
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

    private void ReadEnd(List<SqlToken> tokens)
    {
        int end = tokens.FindIndex(token => token.Kind == SqlTokenKind.Semicolon);
        if (end < 0)
            return;
        if (end + 1 < tokens.Count)
        {
            HasSecondStatement = true;
            Fault(tokens[end + 1].Start, "a second statement follows a semicolon; a route is one statement, so remove what follows "
                + "or make it a route of its own");
        }

        Statement = $"{Text[..tokens[end].Start]} {Text[tokens[end].End..]}";
        tokens.RemoveRange(end, tokens.Count - end);
    }

    private void ReadBeginning(List<SqlToken> tokens)
    {
        if (tokens.Count == 0)
        {
            Fault(0, "there is no statement; write one after the header lines");
            return;
        }

        FirstWord = tokens[0].Kind == SqlTokenKind.Word ? Word(tokens[0]) : Text[tokens[0].Start].ToString();
        int with = tokens.FindIndex(token => token.Kind != SqlTokenKind.Open);
        if (with < 0 || Word(tokens[with]) != "with" || HasBranchOutside(tokens, with))
            return;

        // `with recursive as (select 1)` is a common table expression of that name.
        BeginsWithRecursive = with + 2 < tokens.Count && Word(tokens[with + 1]) == "recursive"
            && tokens[with + 2].Kind != SqlTokenKind.Open && Word(tokens[with + 2]) != "as";
        _afterWith = tokens[BeginsWithRecursive ? with + 1 : with].End;
    }

    private bool HasBranchOutside(List<SqlToken> tokens, int parentheses)
    {
        int depth = 0;
        foreach (SqlToken token in tokens)
        {
            depth += token.Kind switch { SqlTokenKind.Open => 1, SqlTokenKind.Close => -1, _ => 0 };
            if (depth < parentheses && Word(token) is "union" or "intersect" or "except")
                return true;
        }

        return false;
    }

    private void CheckTokens(List<SqlToken> tokens)
    {
        Stack<int> open = [];
        foreach (SqlToken token in tokens)
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
                    Fault(token.Start, Unterminated(Text[token.Start]));
                    break;
            }
        }

        if (open.TryPop(out int unclosed))
            Fault(unclosed, "this opening parenthesis is never closed");
        _faults.Sort((a, b) => a.Line.CompareTo(b.Line));
    }

    private static string Unterminated(char first) => first switch
    {
        '/' => "the comment that starts here never ends; close it with */",
        '"' => "the quoted name that starts here never ends; close it with \"",
        '$' => "the dollar-quoted string that starts here never ends; repeat its opening mark",
        _ => "the string that starts here never ends; close it with '",
    };

    // Key words are ASCII, so a fold without culture finds them all.
    private string Word(SqlToken token) => token.Kind == SqlTokenKind.Word ? Text[token.Start..token.End].ToLowerInvariant() : "";

    private void Fault(int at, string what) => _faults.Add(new(Text.AsSpan(0, at).Count('\n') + 1, what));
}
