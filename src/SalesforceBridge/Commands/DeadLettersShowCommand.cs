using System.Text;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge dead-letters show</c>: one dead letter, why it is dead, and what it holds.</summary>
internal sealed class DeadLettersShowCommand : BridgeCommand
{
    private readonly DeadLetterArguments _which = new();

    public DeadLettersShowCommand(CommandContext context)
        : base("show", "Shows a dead letter with what it holds", context) => Add(_which.Words);

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        if (_which.Read(session) is not { Cursor: { } cursor, Ids: [var id] })
            throw new RefusedException("Say which one: route NAME ID or lane NAME ID, as `bridge dead-letters list` shows them.");
        DeadLetters dead = await session.OpenAsync<DeadLetters>(ct);
        DeadLetterLog log = await session.OpenAsync<DeadLetterLog>(ct);
        DeadLetter letter = await log.FindAsync(cursor, id, ct)
            ?? throw new RefusedException($"There is no dead letter {id} of {cursor}: see `bridge dead-letters list`.");
        await session.PrintAsync(new DeadLetterReport(letter, await dead.ShowAsync(cursor, id, ct)), CommandJson.Default.DeadLetterReport, Text);
        return 0;
    }

    private static string Text(DeadLetterReport report)
    {
        DeadLetter letter = report.DeadLetter;
        var text = new StringBuilder();
        text.AppendLine($"dead letter {letter.Id} of {letter.Cursor}, failed {letter.FailedAt:u} after {letter.Attempts} attempts");
        if (letter.Key is { } key)
            text.AppendLine($"key    {key}{(letter.Holds ? ", which later ones wait for" : "")}");
        text.AppendLine($"error  {letter.Error ?? letter.Code}");
        return text.Append(report.Body ?? "What it held is no longer kept.").ToString();
    }
}

/// <summary>A dead letter.</summary>
/// <param name="DeadLetter">What failed, and why.</param>
/// <param name="Body">The message's payload or the delivery's body; null where it is no longer kept.</param>
internal sealed record DeadLetterReport(DeadLetter DeadLetter, string? Body);
