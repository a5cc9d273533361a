using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge dead-letters redrive</c>: another round of tries, which the worker makes.</summary>
internal sealed class DeadLettersRedriveCommand(CommandContext context)
    : DeadLetterChangeCommand("redrive", "Gives dead letters another round of tries", context)
{
    protected override async Task<DeadLetterChange> ChangeAsync(
        DeadLetters dead, DeadLetterCount found, IReadOnlyCollection<long>? ids, CancellationToken ct) =>
        new(found.Cursor, await dead.RedriveAsync(found.Cursor, ids, ct), NoteOf(found));

    protected override string Describe(DeadLetterChange change) =>
        $"{change.Cursor}: {change.Count} are tried again by the worker.{(change.Note is null ? "" : $" {change.Note}")}";

    private static string? NoteOf(DeadLetterCount found)
    {
        string outOfOrder = found.OutOfOrder > 0
            ? $"Out of order: later messages with the same key have gone on before {found.OutOfOrder} of them." : "";
        string refused = found.Refused > 0
            ? $"{found.Refused} can never run, as their error says; they can only be discarded." : "";
        string note = $"{outOfOrder} {refused}".Trim();
        return note.Length == 0 ? null : note;
    }
}
