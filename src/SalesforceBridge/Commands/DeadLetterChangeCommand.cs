using System.CommandLine;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary>What a person does with dead letters: with those that are named, or with <c>--all</c>, of one route or lane or of every one.</summary>
internal abstract class DeadLetterChangeCommand : BridgeCommand
{
    private readonly DeadLetterArguments _which = new();
    private readonly Option<bool> _all = new("--all") { Description = "All of them" };

    protected DeadLetterChangeCommand(string name, string description, CommandContext context)
        : base(name, description, context)
    {
        Add(_which.Words);
        Add(_all);
    }

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        DeadLetterChoice choice = _which.Read(session);
        bool all = session.Value(_all);
        if (all == choice.Ids.Count > 0)
            throw new RefusedException("Say which: route NAME or lane NAME with ids, or --all.");

        IReadOnlyList<long>? ids = all ? null : choice.Ids;
        DeadLetterLog log = await session.OpenAsync<DeadLetterLog>(ct);
        IReadOnlyList<DeadLetterCount> found = await log.CountAsync(choice.Cursor, ids, ct);
        if (found.Sum(count => count.Count) < (ids?.Count ?? 1))
            throw new RefusedException($"There are no such dead letters{(choice.Cursor is null ? "" : $" of {choice.Cursor}")}: see `bridge dead-letters list`.");

        DeadLetters dead = await session.OpenAsync<DeadLetters>(ct);
        List<DeadLetterChange> changes = [];
        foreach (DeadLetterCount count in found)
            changes.Add(await ChangeAsync(dead, count, ids, ct));
        await session.PrintAsync(changes, CommandJson.Default.IReadOnlyListDeadLetterChange, done => string.Join('\n', done.Select(Describe)));
        return 0;
    }

    protected abstract Task<DeadLetterChange> ChangeAsync(DeadLetters dead, DeadLetterCount found, IReadOnlyCollection<long>? ids, CancellationToken ct);

    protected abstract string Describe(DeadLetterChange change);
}

/// <summary>What was done with dead letters of a route or lane.</summary>
/// <param name="Cursor">The route or lane.</param>
/// <param name="Count">With how many.</param>
/// <param name="Note">What a person should know of it.</param>
internal sealed record DeadLetterChange(string Cursor, int Count, string? Note);
