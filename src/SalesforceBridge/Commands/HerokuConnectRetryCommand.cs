using System.CommandLine;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge connect retry</c>: sends a failed write again, with the row's values of now.</summary>
internal sealed class HerokuConnectRetryCommand : BridgeCommand
{
    private readonly Argument<long> _id = new("id") { Description = "The id that `bridge connect errors` shows" };
    private readonly Option<string> _schema = HerokuConnections.SchemaOption();

    public HerokuConnectRetryCommand(CommandContext context)
        : base("retry", "Has Heroku Connect send a failed write again, with the row's current values", context)
    {
        Add(_id);
        Add(_schema);
    }

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        long id = session.Value(_id);
        HerokuConnectLog log = await session.OpenAsync<HerokuConnectLog>(ct);
        IReadOnlyList<HerokuConnection> connections = await HerokuConnections.ReadableAsync(log, session.Value(_schema), ct);
        if (connections.Count > 1)
            connections = await log.HoldingAsync(connections, id, ct);
        HerokuConnection where = connections switch
        {
            [] => throw new RefusedException($"No trigger log has a row {id}; `bridge connect errors` lists what failed."),
            [var one] => one,
            _ => throw new RefusedException($"Row {id} is in the logs of {string.Join(" and ", connections.Select(one => one.Schema))}, and they are different writes; say which with --schema."),
        };
        HerokuConnectRetry retry = await session.OpenAsync<HerokuConnectRetry>(ct);
        HerokuConnectRetryReport report = await retry.RetryAsync(where, id, ct) switch
        {
            HerokuConnectRetryOutcome.Captured done =>
                new(id, done.NewId, where.Schema, done.Entry.Table, done.Entry.RecordId, done.Operation, done.Columns),
            HerokuConnectRetryOutcome.Refused(var why) => throw new RefusedException(why),
            _ => throw new InvalidOperationException("A retry is done or refused."),
        };
        await session.PrintAsync(report, CommandJson.Default.HerokuConnectRetryReport, Text);
        return 0;
    }

    private static string Text(HerokuConnectRetryReport report)
    {
        string row = $"row {report.RecordId} of {report.Schema}.{report.Table}";
        string what = report switch
        {
            { Operation: "delete", NewId: null } => $"Row {report.Id} of the log stands at NEW again: the delete of {row} is sent again.",
            { Operation: "delete" } => $"The delete of {row} was copied from the archive into the log as {report.NewId}.",
            { Columns.Count: > 0 } => $"The current values of {string.Join(", ", report.Columns)} of {row} were captured as {report.NewId}, an {report.Operation}.",
            _ => $"The current values of {row} were captured as {report.NewId}, an {report.Operation}.",
        };
        return $"{what} Heroku Connect sends it within two minutes.";
    }
}

/// <summary>What was captured anew.</summary>
/// <param name="Id">The failed row of the log.</param>
/// <param name="NewId">The new one; null where the old one was put back.</param>
/// <param name="Schema">The connection's schema.</param>
/// <param name="Table">The mapped table.</param>
/// <param name="RecordId">The row's id there.</param>
/// <param name="Operation">What is sent.</param>
/// <param name="Columns">The columns that are sent; empty: all.</param>
internal sealed record HerokuConnectRetryReport(long Id, long? NewId, string Schema, string Table, long? RecordId, string Operation, IReadOnlyList<string> Columns);
