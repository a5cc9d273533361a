namespace SalesforceBridge.Messaging;

/// <summary>Whose errors wake a route on <c>connect-error</c>: any table's, or those of one.</summary>
internal static class HerokuConnectErrorFilter
{
    private const string Word = HerokuConnectErrors.Source;

    /// <summary>Takes the table off an <c>on:</c> header, where it names this source; it is written as in <c>on: table</c>.</summary>
    /// <exception cref="FormatException">What follows names no table.</exception>
    public static (string Source, MappedTable? Table) Split(string on)
    {
        string[] words = on.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words is not [var word, var table] || !word.Equals(Word, StringComparison.OrdinalIgnoreCase))
            return (on, null);
        if (!Shapes.Table().IsMatch(table))
            throw new FormatException($"`{table}` is not right here: `{Word}` is followed by nothing, or by a table with its schema (`{Word} salesforce.contact`)");
        return (Word, MappedTable.Parse(table));
    }

    /// <summary>A condition on the message <c>i</c>, to be appended with "or": it is not for the route.</summary>
    public static string Passes(RouteDefinition route) => route.ErrorsOf is { } table
        ? $" or coalesce(i.payload->>'schema' <> {BridgeSchema.Literal(table.Schema)} or i.payload->>'table' <> {BridgeSchema.Literal(table.Table)}, false)"
        : "";
}
