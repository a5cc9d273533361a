using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge dead-letters discard</c>: given up for good; what waits behind them goes on.</summary>
internal sealed class DeadLettersDiscardCommand(CommandContext context)
    : DeadLetterChangeCommand("discard", "Gives dead letters up for good", context)
{
    protected override async Task<DeadLetterChange> ChangeAsync(
        DeadLetters dead, DeadLetterCount found, IReadOnlyCollection<long>? ids, CancellationToken ct) =>
        new(found.Cursor, await dead.DiscardAsync(found.Cursor, ids, ct), null);

    protected override string Describe(DeadLetterChange change) => $"{change.Cursor}: {change.Count} are discarded.";
}
