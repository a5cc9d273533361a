using System.CommandLine;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge gaps list</c>: what was lost, or is feared to be.</summary>
internal sealed class GapsListCommand : BridgeCommand
{
    private readonly Option<bool> _all = new("--all") { Description = "Also those that are healed or closed" };

    public GapsListCommand(CommandContext context)
        : base("list", "Lists the gaps that are open", context) => Add(_all);

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        Gaps gaps = await session.OpenAsync<Gaps>(ct);
        IReadOnlyList<Gap> found = [.. (await gaps.ListAsync(ct)).Where(gap => gap.Healed is null || session.Value(_all))];
        await session.PrintAsync(found, CommandJson.Default.IReadOnlyListGap, Text);
        return 0;
    }

    private static string Text(IReadOnlyList<Gap> gaps)
    {
        var table = new TextTable("ID", "SOURCE", "NOTICED", "WHY", "HEALED");
        foreach (Gap gap in gaps)
            table.Add($"{gap.Id}", gap.Source, $"{gap.NoticedAt.UtcDateTime:u}", gap.Why, gap.Healed ?? "no");
        return table.IsEmpty ? "There is no gap that is open." : table.ToString();
    }
}
