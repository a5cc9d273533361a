using SalesforceBridge.Health;
using SalesforceBridge.HerokuConnect;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary>How Heroku Connect is: by its logs in our database, and by what Heroku says of it.</summary>
/// <param name="Logs">The logs of its connections.</param>
/// <param name="Api">What Heroku says; null where no key is set.</param>
internal sealed record HerokuConnectReport(IReadOnlyList<HerokuConnectLogStatus> Logs, HerokuConnectHealth? Api)
{
    /// <summary>Asks database and Heroku; null where neither has anything to say.</summary>
    public static async Task<HerokuConnectReport?> ReadAsync(CommandSession session, CancellationToken ct)
    {
        HerokuConnectLog log = await session.OpenAsync<HerokuConnectLog>(ct);
        IReadOnlyList<HerokuConnectLogStatus> logs = await log.StatusAsync(ct);
        if (session.Settings.HerokuConnect is not { } settings)
            return logs.Count > 0 ? new HerokuConnectReport(logs, null) : null;
        HerokuConnectApi api = await session.OpenAsync<HerokuConnectApi>(ct);
        return new HerokuConnectReport(logs, await api.AskAsync(settings, ct));
    }

    /// <summary>As lines of a screen.</summary>
    public IEnumerable<string> Lines(DateTimeOffset now) =>
    [
        .. Logs.Select(log => Line(log, now)),
        .. (Api?.Connections ?? []).SelectMany(Lines),
        .. (Api?.Faults ?? []).Select(fault => $"at Heroku: {fault}"),
    ];

    private static string Line(HerokuConnectLogStatus log, DateTimeOffset now)
    {
        if (log.Fault is { } fault)
            return $"{log.Schema}: {fault}";
        string waiting = log.PendingSince is { } since ? $"{log.Pending} to send, the oldest {Ages.Of(now - since)} old" : "nothing to send";
        string took = log.SecondsToSend is { } seconds ? $", the last took {Ages.Of(TimeSpan.FromSeconds(seconds))}" : "";
        return $"{log.Schema}: {waiting}{took}, {log.Failed} failed, {log.ReadOnly} to read-only tables";
    }

    private static IEnumerable<string> Lines(ConnectionHealth connection) =>
    [
        $"{connection.Schema ?? connection.Name} at Heroku: {connection.State ?? "state not known"}",
        .. connection.Mappings.Select(mapping =>
            $"  {mapping.Table}: {mapping.State ?? "state not known"}, {Number(mapping.InDatabase)} rows here and {Number(mapping.InSalesforce)} in Salesforce{Pending(mapping)}"),
    ];

    private static string Pending(MappingHealth mapping) =>
        $"{(mapping.Pending is > 0 and var pending ? $", {pending} pending" : "")}{(mapping.Errors is > 0 and var errors ? $", {errors} errors" : "")}";

    private static string Number(long? count) => count is { } known ? $"{known}" : "?";
}
