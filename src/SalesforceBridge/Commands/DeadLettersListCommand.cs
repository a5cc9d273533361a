using System.CommandLine;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge dead-letters list</c>: what waits for a person.</summary>
internal sealed class DeadLettersListCommand : BridgeCommand
{
    private readonly DeadLetterArguments _which = new();
    private readonly Option<int> _limit = new("--limit") { Description = "At most so many, 1 to 1000", DefaultValueFactory = _ => 50 };

    public DeadLettersListCommand(CommandContext context)
        : base("list", "Lists dead letters, the newest first", context)
    {
        Add(_which.Words);
        Add(_limit);
    }

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        DeadLetterChoice choice = _which.Read(session);
        DeadLetters dead = await session.OpenAsync<DeadLetters>(ct);
        IReadOnlyList<DeadLetter> letters = await dead.ListAsync(choice.Cursor, Math.Clamp(session.Value(_limit), 1, 1000), ct);
        await session.PrintAsync(letters, CommandJson.Default.IReadOnlyListDeadLetter, Text);
        return 0;
    }

    private static string Text(IReadOnlyList<DeadLetter> letters)
    {
        var table = new TextTable("OF", "ID", "KEY", "ATTEMPTS", "FAILED", "HOLDS", "ERROR");
        foreach (DeadLetter letter in letters)
        {
            table.Add(letter.Cursor, $"{letter.Id}", letter.Key, $"{letter.Attempts}", $"{letter.FailedAt:u}", letter.Holds ? "yes" : "no",
                letter.Error ?? letter.Code);
        }

        return table.IsEmpty ? "There are no dead letters." : table.ToString();
    }
}

/// <summary>Which dead letters are meant, as it is typed: <c>route NAME 12 13</c>, <c>lane NAME</c>, as the list shows them.</summary>
internal sealed class DeadLetterArguments
{
    public Argument<string[]> Words { get; } = new("which")
    {
        Description = "route NAME or lane NAME, and then ids",
        Arity = ArgumentArity.ZeroOrMore,
        DefaultValueFactory = _ => [],
    };

    /// <exception cref="RefusedException">The words name no dead letters.</exception>
    public DeadLetterChoice Read(CommandSession session)
    {
        string[] words = session.Value(Words);
        if (words.Length == 0)
            return new DeadLetterChoice(null, []);
        if (words.Length < 2 || words[0] is not ("route" or "lane"))
            throw new RefusedException($"`{string.Join(' ', words)}` names no dead letters. Write route NAME or lane NAME, and then ids, as `bridge dead-letters list` shows them.");
        return new DeadLetterChoice($"{words[0]} {words[1]}", [.. words.Skip(2).Select(IdOf)]);
    }

    private static long IdOf(string word) => long.TryParse(word, out long id) ? id : throw new RefusedException($"`{word}` is no id; `bridge dead-letters list` shows them.");
}

/// <summary>Which dead letters are meant.</summary>
/// <param name="Cursor">Of one route or lane; null for all.</param>
/// <param name="Ids">These; none said: all.</param>
internal sealed record DeadLetterChoice(string? Cursor, IReadOnlyList<long> Ids);
