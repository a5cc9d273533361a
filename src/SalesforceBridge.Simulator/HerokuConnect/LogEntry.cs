namespace SalesforceBridge.Simulator.HerokuConnect;

/// <summary>The states of a log entry.</summary>
internal static class LogState
{
    public const string New = "NEW";
    public const string Pending = "PENDING";
    public const string Success = "SUCCESS";
    public const string Failed = "FAILED";
    public const string Ignore = "IGNORE";
    public const string Ignored = "IGNORED";
    public const string ReadOnly = "READONLY";
    public const string Requeue = "REQUEUE";
    public const string Requeued = "REQUEUED";
}

/// <summary>A change by an app that is to go to the org.</summary>
/// <param name="Id">Its place in the log.</param>
/// <param name="Action">INSERT, UPDATE or DELETE.</param>
/// <param name="Table">The mapped table's bare name.</param>
/// <param name="RecordId">The row's <c>id</c>.</param>
/// <param name="Sfid">The record, where the row had one when it was captured, or has one now.</param>
/// <param name="Values">The row, or what changed of it, as text in Postgres's form.</param>
internal sealed record LogEntry(int Id, string Action, string Table, int RecordId, string? Sfid, IReadOnlyDictionary<string, string?> Values);

/// <summary>A log entry that was dealt with.</summary>
/// <param name="Id">The entry in <c>_trigger_log</c>.</param>
/// <param name="Table">The mapped table's bare name.</param>
/// <param name="Action">INSERT, UPDATE or DELETE.</param>
/// <param name="State">SUCCESS, FAILED, or IGNORED where nothing in it goes to the org.</param>
/// <param name="Message">Why the org refused it.</param>
public sealed record WrittenEntry(int Id, string Table, string Action, string State, string? Message);
