namespace SalesforceBridge.Messaging;

/// <summary>Which headers and statements go with which sources and actions. A header without effect is a fault: it shows a mistake.</summary>
internal static class RouteRules
{
    private static readonly (string[] Headers, string Only, Func<SourceName, RouteAction, bool> Fits)[] Headers =
    [
        ([RouteHeaders.Replay], "on event, change, topic, channel and connect-error", (on, _) => on.IsStream || on.Kind == SourceKind.HerokuConnectError),
        ([RouteHeaders.Misfire], "on cron and every", (on, _) => on.IsSchedule),
        ([RouteHeaders.Columns, RouteHeaders.Mode, RouteHeaders.Reconcile], "on table", (on, _) => on.Kind == SourceKind.Table),
        ([RouteHeaders.Deletes], "on soql", (on, _) => on.Kind == SourceKind.Soql),
        ([RouteHeaders.Takes], "on callout", (on, _) => on.Kind == SourceKind.Callout),
        ([RouteHeaders.As], "on callout where rows are sent to the org, whose session it is",
            (on, action) => on.Kind == SourceKind.Callout && action is RouteAction.Deliver { Verb: not DeliveryVerb.Request }),
        ([RouteHeaders.Reply], "where the route does `reply`", (_, action) => action is RouteAction.Reply),
        ([RouteHeaders.OncePer], "where the statement is executed", (_, action) => action is RouteAction.Execute),
        ([RouteHeaders.Nulls, RouteHeaders.WhenInDoubt, RouteHeaders.Bulk], "where rows are sent", (_, action) => action is RouteAction.Deliver),
        ([RouteHeaders.Together], "where records are created, updated, upserted or deleted",
            (_, action) => action is RouteAction.Deliver { Verb: DeliveryVerb.Create or DeliveryVerb.Update or DeliveryVerb.Upsert or DeliveryVerb.Delete }),
        ([RouteHeaders.Key, RouteHeaders.From, RouteHeaders.WhenDead, RouteHeaders.Retry, RouteHeaders.Batch, RouteHeaders.Was],
            "where messages are kept, and a reply keeps none", (_, action) => action is not RouteAction.Reply),
    ];

    public static void CheckHeaders(RouteHeaders headers, SourceName? source, RouteAction? action, RouteFaults faults)
    {
        if (source is null || action is null)
            return;
        if (action is RouteAction.Reply && source.Kind != SourceKind.Callout)
        {
            faults.Add(headers.LineOf(RouteHeaders.Do),
                $"do: `reply` answers a callout and this route is on `{source}`; write `on: callout NAME` or another action");
        }

        foreach ((string[] names, string only, Func<SourceName, RouteAction, bool> fits) in Headers)
        {
            foreach (string name in names.Where(name => headers.Has(name) && !fits(source, action)))
                faults.Add(headers.LineOf(name), $"`{name}:` has a meaning only {only}; remove the line");
        }
    }

    public static void CheckPoll(RouteHeaders headers, RouteDefinition? definition, RouteFaults faults)
    {
        if (definition is not { Mode: TableMode.Poll, Source.Kind: SourceKind.Table })
            return;
        if (definition.Reconcile == false)
            faults.Add(headers.LineOf(RouteHeaders.Reconcile), "reconcile: `no` leaves nothing to compare a polled table with; remove the line, or have it captured");
        if (definition.ChangesFrom != ChangeOrigin.Any)
            faults.Add(headers.LineOf(RouteHeaders.On), "on: `from` asks who changed a row, which nobody knows of a polled table; remove `from` and what follows");
        if (definition.Columns.Count > 0)
            faults.Add(headers.LineOf(RouteHeaders.Columns), "`columns:` asks what changed in a row, which nobody knows of a polled table; remove the line");
    }

    public static void CheckCallouts(RouteHeaders headers, RouteDefinition? definition, RouteFaults faults)
    {
        if (definition is { Action: RouteAction.Reply, CalloutsFrom: not CalloutsFrom.NotItself })
            faults.Add(headers.LineOf(RouteHeaders.On), "on: `from` asks whose callouts wake a route, and a reply answers all of them; remove `from` and what follows");
    }

    public static void CheckStatement(RouteHeaders headers, RouteAction? action, RouteFaults faults)
    {
        var sql = SqlText.Read(headers.Body);
        foreach (SqlFault fault in sql.Faults)
            faults.Add(headers.BodyLine + fault.Line - 1, fault.What);

        string? misfit = (action, sql.FirstWord) switch
        {
            (_, "") or (null, _) => null,
            (RouteAction.Execute, "select" or "with" or "insert" or "update" or "delete" or "merge" or "values") => null,
            (RouteAction.Execute, string word) =>
                $"`{word}` cannot stand after `with message as ...`; write an insert, update, delete, merge or select",
            (_, "select" or "with" or "values" or "(") => null,
            (_, string word) =>
                $"`{word}` yields no rows for `{action}`; write a select, or remove the `do:` header to have the statement executed",
        };
        if (misfit is not null)
            faults.Add(headers.BodyLine, misfit);
    }
}
