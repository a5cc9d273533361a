using System.CommandLine;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge connect errors</c>: what Heroku Connect could not write to the org, as its logs stand now.</summary>
internal sealed class HerokuConnectErrorsCommand : BridgeCommand
{
    private readonly Option<string> _schema = HerokuConnections.SchemaOption();
    private readonly Option<string> _table = new("--table") { Description = "Of one table, such as contact" };
    private readonly Option<int> _limit = new("--limit") { Description = "At most so many, 1 to 1000", DefaultValueFactory = _ => 50 };

    public HerokuConnectErrorsCommand(CommandContext context)
        : base("errors", "Lists what Heroku Connect could not write to the org, the newest first", context)
    {
        foreach (Option option in (Option[])[_schema, _table, _limit])
            Add(option);
    }

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        HerokuConnectLog log = await session.OpenAsync<HerokuConnectLog>(ct);
        IReadOnlyList<HerokuConnection> connections = await HerokuConnections.ReadableAsync(log, session.Value(_schema), ct);
        HerokuConnectErrorList errors = await log.ErrorsAsync(connections, session.Value(_table), Math.Clamp(session.Value(_limit), 1, 1000), ct);
        await session.PrintAsync(errors, CommandJson.Default.HerokuConnectErrorList, Text);
        return 0;
    }

    private static string Text(HerokuConnectErrorList errors)
    {
        if (errors.Counts.Count == 0)
            return "Nothing stands at FAILED or READONLY.";
        var table = new TextTable("ID", "TABLE", "ROW", "SFID", "OPERATION", "STATE", "CAPTURED", "ERROR");
        foreach (HerokuConnectError error in errors.Newest)
        {
            table.Add($"{error.Id}", $"{error.Schema}.{error.Table}", $"{error.RecordId}", error.Sfid, error.Operation,
                error.IsArchived ? $"{error.State}, archived" : error.State, $"{error.CapturedAt:u}", error.Error);
        }

        return $"{string.Join('\n', errors.Counts.Select(count => $"{count.Schema}.{count.Table}: {count.Count} {count.State}"))}\n\n{table}";
    }
}

/// <summary>Which connections a command is about.</summary>
internal static class HerokuConnections
{
    public static Option<string> SchemaOption() => new("--schema") { Description = "Of one connection, by its schema" };

    /// <summary>The connections, or the one of a schema.</summary>
    /// <exception cref="RefusedException">There is none, or it cannot be read.</exception>
    public static async Task<IReadOnlyList<HerokuConnection>> ReadableAsync(HerokuConnectLog log, string? schema, CancellationToken ct)
    {
        IReadOnlyList<HerokuConnection> all = await log.ConnectionsAsync(ct);
        if (all.Count == 0)
            throw new RefusedException("There is no Heroku Connect in this database: no schema has its tables _hcmeta and _trigger_log.");
        HerokuConnection[] chosen = [.. all.Where(one => schema is null || one.Schema == schema)];
        if (chosen.Length == 0)
            throw new RefusedException($"The schema {schema} is no connection of Heroku Connect. There is: {string.Join(", ", all.Select(one => one.Schema))}.");
        return chosen.FirstOrDefault(one => one.Fault is not null) is { Fault: var fault }
            ? throw new RefusedException($"Not every log can be read: {fault}.")
            : chosen;
    }
}
