using Npgsql;
using SalesforceBridge.Messaging;
using SalesforceBridge.Routes;

namespace SalesforceBridge.HerokuConnect;

/// <summary>
/// Has the changes of a table that a route watches wait while Heroku Connect loads it anew: most of its rows come back as they were, and
/// then only the difference is told.
/// </summary>
internal sealed partial class HerokuConnectReloads(TableReloads reloads, RouteSet routes, ILogger<HerokuConnectReloads> logger)
{
    private const string Reloading = "RELOAD_TABLE";

    private readonly ILookup<MappedTable, string> _watched =
        TableWatch.Of(routes.Routes.Select(route => route.Definition)).ToLookup(watch => MappedTable.Parse(watch.Table), watch => watch.Table);

    private readonly HashSet<string> _waiting = [];

    /// <summary>Says what the mappings' states say. Whatever the database makes of it is a line in the log, and is said again the next time.</summary>
    /// <param name="states">The mappings whose state is known; of others nothing is said.</param>
    /// <param name="atMost">How long a reload goes on if nobody speaks of it again.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task FollowAsync(IEnumerable<(MappedTable Table, string State)> states, TimeSpan atMost, CancellationToken ct)
    {
        foreach ((MappedTable mapped, string state) in states)
        {
            foreach (string table in _watched[mapped])
                await TryAsync(table, state == Reloading, atMost, ct);
        }
    }

    private async Task TryAsync(string table, bool isReloading, TimeSpan atMost, CancellationToken ct)
    {
        try
        {
            if (isReloading)
                await StartAsync(table, atMost, ct);
            else if (_waiting.Contains(table))
                await EndAsync(table, ct);
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or IOException)
        {
            LogUntold(table, error is PostgresException postgres ? postgres.SqlState : error.GetType().Name);
        }
    }

    private async Task StartAsync(string table, TimeSpan atMost, CancellationToken ct)
    {
        bool isNew = _waiting.Add(table);
        await reloads.StartedAsync(table, atMost, ct);
        if (isNew)
            LogStarted(table);
    }

    private async Task EndAsync(string table, CancellationToken ct)
    {
        await reloads.EndedAsync(table, ct);
        _waiting.Remove(table);
        LogEnded(table);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Heroku Connect reloads {Table}: its changes wait until that is over")]
    private partial void LogStarted(string table);

    [LoggerMessage(Level = LogLevel.Information, Message = "Heroku Connect has reloaded {Table}: the difference is told")]
    private partial void LogEnded(string table);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Whether Heroku Connect reloads {Table} could not be written down ({Cause}); it is tried again in a minute")]
    private partial void LogUntold(string table, string cause);
}
