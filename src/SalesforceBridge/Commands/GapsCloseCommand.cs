using System.CommandLine;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge gaps close</c>: a person has seen to a gap that does not heal by itself.</summary>
internal sealed class GapsCloseCommand : BridgeCommand
{
    private readonly Argument<long> _id = new("id") { Description = "The gap's number, as `bridge gaps list` shows" };
    private readonly Option<string> _reason = new("--reason") { Description = "What was done about it", Required = true };

    public GapsCloseCommand(CommandContext context)
        : base("close", "Closes a gap that a person has seen to, and ends its alert", context)
    {
        Add(_id);
        Add(_reason);
    }

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        (long id, string reason) = (session.Value(_id), session.Value(_reason)!.Trim());
        if (reason.Length == 0)
            throw new RefusedException("--reason is empty: say what was done about the gap, for whoever looks at it later.");
        Gaps gaps = await session.OpenAsync<Gaps>(ct);
        switch (await gaps.CloseAsync(id, reason, ct))
        {
            case GapClosing.Unknown:
                throw new RefusedException($"There is no gap {id}, or it is no longer kept: see `bridge gaps list --all`.");
            case GapClosing.WasHealed:
                throw new RefusedException($"Gap {id} was healed or closed before: see `bridge gaps list --all`.");
            default:
                await session.PrintAsync(new GapCloseReport(id, reason), CommandJson.Default.GapCloseReport, report => $"Gap {report.Id} is closed: {report.Reason}");
                return 0;
        }
    }
}

/// <summary>A gap that is closed.</summary>
internal sealed record GapCloseReport(long Id, string Reason);
