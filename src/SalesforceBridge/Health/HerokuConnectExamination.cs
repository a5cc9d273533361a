using SalesforceBridge.Commands;
using SalesforceBridge.Configuration;
using SalesforceBridge.HerokuConnect;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Health;

/// <summary>Says whether Heroku Connect does its part: by its logs in our database, and by what Heroku says.</summary>
internal static class HerokuConnectExamination
{
    private const string Part = "Heroku Connect";

    // It looks at its log every two minutes, and writes one mapping after the other.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);

    private static readonly string[] HealthyStates = ["IDLE", "POLLING_DB_CHANGES", "BUSY", "IMPORT_CONFIGURATION"];
    private static readonly string[] PassingStates = ["PAUSED", "RECOVERY"];
    private static readonly string[] BrokenMappings = ["BULK_LOAD_ERROR", "SYSTEM_ERROR", "DB_UNAVAILABLE", "BAD_CONFIG", "SYNC_REMOVED", "INACTIVE_ORG", "UNAUTHORIZED"];

    /// <param name="report">What is known; null where there is no Heroku Connect.</param>
    /// <param name="now">The time.</param>
    public static IEnumerable<Finding> Judge(HerokuConnectReport? report, DateTimeOffset now) => report is null
        ? []
        :
        [
            .. report.Logs.SelectMany(log => Judge(log, now)),
            .. report.Api is { } api ? Judge(api) : [Finding.Warn(
                Part, $"whether its connections run was not asked of Heroku, since {ConfigVar.HerokuApiKey} is not set", "Set it as docs/heroku-connect.md says, or see the add-on's dashboard.")],
        ];

    private static List<Finding> Judge(HerokuConnectLogStatus log, DateTimeOffset now)
    {
        if (log.Fault is { } fault)
            return [Finding.Fail(Part, fault, null)];
        List<Finding> findings = [];
        if (log.PendingSince is { } since && now - since > LongestWait)
            findings.Add(Finding.Warn(Part, $"{log.Schema} has {log.Pending} changes to send, the oldest {Ages.Of(now - since)} old", "See whether the connection runs: heroku connect:state"));
        if (log.Failed > 0)
            findings.Add(Finding.Warn(Part, $"{log.Schema} could not write {log.Failed} changes to the org", "See which: bridge connect errors; send one again: bridge connect retry ID"));
        if (log.ReadOnly > 0)
            findings.Add(Finding.Warn(Part, $"{log.Schema} has {log.ReadOnly} changes of read-only tables, which never reach the org", "Map the table read-write, or write somewhere else; `bridge connect errors` tells which."));
        return findings.Count > 0 ? findings : [Finding.Ok(Part, $"{log.Schema} has {(log.Pending == 0 ? "nothing" : $"{log.Pending} changes")} to send, and none failed")];
    }

    private static IEnumerable<Finding> Judge(HerokuConnectHealth api) =>
    [
        .. api.Connections.SelectMany(Judge),
        .. api.Faults.Select(fault => Finding.Warn(Part, fault, null)),
    ];

    private static IEnumerable<Finding> Judge(ConnectionHealth connection)
    {
        string name = connection.Schema ?? connection.Name;
        yield return connection.State switch
        {
            null => Finding.Warn(Part, $"Heroku does not say whether {name} runs", "See the add-on's dashboard."),
            var state when HealthyStates.Contains(state) => Finding.Ok(Part, $"{name} is {state} at Heroku"),
            var state when PassingStates.Contains(state) => Finding.Warn(Part, $"{name} is {state} at Heroku", "If nobody works on it: heroku connect:resume"),
            var state => Finding.Fail(Part, $"{name} is {state} at Heroku", "See the add-on's dashboard; heroku connect:diagnose tells more."),
        };
        foreach (MappingHealth mapping in connection.Mappings.Where(mapping => BrokenMappings.Contains(mapping.State)))
            yield return Finding.Fail(Part, $"{name}.{mapping.Table} is {mapping.State} at Heroku", "See the mapping's errors in the add-on's dashboard, and reload it.");
    }
}
