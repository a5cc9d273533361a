using System.CommandLine;
using System.Text;
using System.Text.Json;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge routes try</c>: what would a route do with this message? Nothing is kept and nothing is sent.</summary>
internal sealed class RoutesTryCommand : BridgeCommand
{
    private const string Beyond = "Nothing was kept. Outside of that are sequences, NOTIFY and what a handler does besides its transaction.";

    private readonly Argument<string> _route = new("route") { Description = "The route's name" };
    private readonly Option<string> _payload = new("--payload") { Description = "A file with the message's payload as JSON; - for the standard input" };
    private readonly Option<long?> _message = new("--message") { Description = "The id of a message of the inbox" };

    public RoutesTryCommand(CommandContext context)
        : base("try", "Shows what a route would send or change, in a transaction that is rolled back", context)
    {
        Add(_route);
        Add(_payload);
        Add(_message);
    }

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        Route route = session.RouteNamed(session.Value(_route));
        RouteTrial trial = await session.OpenAsync<RouteTrial>(ct);
        TrialOutcome outcome = (session.Value(_payload), session.Value(_message)) switch
        {
            ({ } file, null) => await trial.WithPayloadAsync(route, await session.ReadAsync(file, ct), ct),
            (null, { } id) => await trial.WithMessageAsync(route, id, ct),
            _ => throw new RefusedException("Say what to try it with: --payload FILE (or - for the standard input), or --message ID."),
        };
        if (outcome is TrialOutcome.Fails failed)
            throw new RefusedException($"Route {route.Definition.Name} fails: {failed.Why}");
        await session.PrintAsync(ReportOf(route.Definition, outcome), CommandJson.Default.TrialReport, Text);
        return 0;
    }

    private static TrialReport ReportOf(RouteDefinition route, TrialOutcome outcome) => outcome switch
    {
        TrialOutcome.Sends(var deliveries) => new(route.Name, [.. deliveries.Select(delivery => new TrialRow(
            delivery.Destination, delivery.Key, Parse(delivery.Body)!.Value, Parse(delivery.Metadata)))], null),
        TrialOutcome.Changes(var rows) => new(route.Name, null, rows),
        _ => throw new InvalidOperationException($"A trial that {outcome.GetType().Name} is no report."),
    };

    private static JsonElement? Parse(string? json) => json is null ? null : JsonElement.Parse(json);

    private static string Text(TrialReport report)
    {
        var text = new StringBuilder();
        foreach (TrialRow row in report.Sends ?? [])
        {
            text.AppendLine($"{row.Destination}{(row.Key is null ? "" : $"  key {row.Key}")}");
            text.AppendLine($"  {row.Body.GetRawText()}");
            if (row.Metadata is { } metadata)
                text.AppendLine($"  {metadata.GetRawText()}");
        }

        string sum = report.Changes is { } rows ? $"{report.Route} would change {Count(rows, "row")}." : $"{report.Route} would send {Count(report.Sends!.Count, "row")}.";
        return text.Append($"{sum} {Beyond}").ToString();
    }

    private static string Count(long number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";
}

/// <summary>What a route would do: either of the two.</summary>
internal sealed record TrialReport(string Route, IReadOnlyList<TrialRow>? Sends, long? Changes);

/// <summary>A delivery that a route would write.</summary>
internal sealed record TrialRow(string Destination, string? Key, JsonElement Body, JsonElement? Metadata);
