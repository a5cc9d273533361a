using System.CommandLine;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge dead-letters accept</c>: what a lane stands still for is wrong itself, so it becomes dead letters and the lane goes on.</summary>
internal sealed class DeadLettersAcceptCommand : BridgeCommand
{
    private readonly Argument<string[]> _lane = new("lane") { Description = "lane NAME, or the NAME alone", Arity = ArgumentArity.OneOrMore };

    public DeadLettersAcceptCommand(CommandContext context)
        : base("accept", "Lets a lane go on that many refusals in a row have stopped, and makes them dead letters", context) => Add(_lane);

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        string lane = session.Value(_lane) switch
        {
            ["lane", var name] => $"lane {name}",
            [var name] => $"lane {name}",
            var words => throw new RefusedException($"`{string.Join(' ', words!)}` names no lane. Write lane NAME, as `bridge status` shows it."),
        };
        RefusalRuns runs = await session.OpenAsync<RefusalRuns>(ct);
        string code = await runs.AcceptAsync(lane, ct)
            ?? throw new RefusedException($"{lane} is not stopped for many refusals in a row: see `bridge status`.");
        await session.PrintAsync(new AcceptReport(lane, code), CommandJson.Default.AcceptReport, report =>
            $"{report.Lane} goes on. Of what waits there now, whatever is refused with {report.Code} becomes a dead letter.");
        return 0;
    }
}

/// <summary>A lane that goes on.</summary>
/// <param name="Lane">As <c>lane NAME</c>.</param>
/// <param name="Code">The code whose refusals become dead letters.</param>
internal sealed record AcceptReport(string Lane, string Code);
