namespace SalesforceBridge.Messaging;

/// <summary>What the routes on a table want of it, all together.</summary>
/// <param name="Source">The source's name, <c>table SCHEMA.NAME</c>.</param>
/// <param name="Table">The table as the routes name it.</param>
/// <param name="Reconcile">Whether a baseline is kept; null: as long as the table is small.</param>
/// <param name="Columns">The columns that a route names: a change of one of them is never taken for an echo.</param>
/// <param name="Mode">How its changes are found; where routes disagree, by triggers.</param>
public sealed record TableWatch(string Source, string Table, bool? Reconcile, IReadOnlyList<string> Columns, TableMode Mode = TableMode.Capture)
{
    /// <summary>The tables that enabled routes listen to.</summary>
    public static IReadOnlyList<TableWatch> Of(IEnumerable<RouteDefinition> routes) =>
    [
        .. routes.Where(route => route is { Enabled: true, Source.Kind: SourceKind.Table })
            .GroupBy(route => route.Source)
            .Select(same => new TableWatch(
                same.Key.ToString(), same.Key.Argument, Wish([.. same.Select(route => route.Reconcile)]),
                [.. same.SelectMany(route => route.Columns).Distinct()],
                same.All(route => route.Mode == TableMode.Poll) ? TableMode.Poll : TableMode.Capture)),
    ];

    /// <summary>Why two routes cannot run beside each other: one has a table polled that the other has captured. Null where they can.</summary>
    public static string? ClashOf(RouteDefinition route, RouteDefinition other) =>
        route is { Enabled: true, Source.Kind: SourceKind.Table } && other.Enabled && route.Source == other.Source && route.Mode != other.Mode
            ? $"mode: the route {other.Name} has {route.Source.Argument} {Word(other.Mode)} and this one has it {Word(route.Mode)}, and one source has one mode; write `mode: poll` in both or in none"
            : null;

    private static string Word(TableMode mode) => mode == TableMode.Poll ? "polled" : "captured";

    private static bool? Wish(IReadOnlyList<bool?> wishes) => wishes.Contains(true) ? true : wishes.Contains(false) ? false : null;
}
