using System.Text.Json;
using Npgsql;
using SalesforceBridge.Backfills;
using SalesforceBridge.Budget;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Streaming;

namespace SalesforceBridge.Sources;

/// <summary>
/// Changes of which the org tells without their content (change events of type <c>GAP_...</c>: too large, or made below its API). Their records are read by
/// id, and every route is told of them as they are now. Of more than the org can name, only a backfill tells.
/// </summary>
internal sealed partial class UntoldRecords(
    UntoldChanges changes, Gaps gaps, BackfillLog log, OrgCalls org, Alerts alerts, Bells bells, MessagingOptions options, TimeProvider time, ILogger logger)
{
    private const string BellName = "untold changes";
    private const string Prefix = "GAP_";
    private const string Overflow = "GAP_OVERFLOW";
    private const string Origin = "gap";

    // In one query's address.
    private const int MostAtOnce = 200;

    private static readonly JsonDocumentOptions AnyDepth = new() { MaxDepth = int.MaxValue };

    private readonly Pause _pause = new(options, time);

    /// <summary>Whether an event tells of a change and not what changed. That a record is gone is all there is to tell.</summary>
    public static bool IsUntold(StreamedEvent streamed) =>
        streamed.Change?.ChangeType is { } kind && kind.StartsWith(Prefix, StringComparison.Ordinal) && kind != $"{Prefix}DELETE";

    /// <summary>Notes such an event, before it is stored.</summary>
    /// <exception cref="NpgsqlException">The database could not be reached.</exception>
    public async Task NoteAsync(string source, StreamedEvent streamed, CancellationToken ct)
    {
        ChangeHeader change = streamed.Change!;
        string position = streamed.ReplayId?.Value ?? change.TransactionKey ?? "";
        string what = change.EntityName ?? "an object";
        string[] records = [.. RecordsOf(streamed)];
        if (change.ChangeType == Overflow || change.EntityName is null || records.Length == 0 || !records.All(IsId))
        {
            await gaps.RecordOnceAsync(source, position, null,
                $"The org told that more records of {what} changed at once than it names ({change.ChangeType}). `bridge backfill ROUTE` tells a route every record again, and heals the gap when all routes on it are through.", ct);
            return;
        }

        (string? origin, int hops) = StreamMessages.CauseOf(change.ChangeOrigin);
        await changes.NoteAsync(
            new UntoldChange(0, source, what, records, origin, hops), position,
            $"The org told that {records.Length} records of {what} changed and not how ({change.ChangeType}). They are read again.", ct);
        bells.Ring(BellName);
    }

    /// <summary>Reads again what was noted, until it is told to end.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using Bell bell = bells.Listen(BellName);
        while (!ct.IsCancellationRequested)
        {
            TimeSpan? wait = await TryReadAsync(ct);
            if (wait is { } time)
                await bell.WaitAsync(time, ct);
        }
    }

    /// <returns>How long nothing is to be done; null where there may be more.</returns>
    private async Task<TimeSpan?> TryReadAsync(CancellationToken ct)
    {
        try
        {
            IReadOnlyList<UntoldChange> open = await changes.OpenAsync(ct);
            if (open.Count == 0)
            {
                _pause.Reset();
                return Timeout.InfiniteTimeSpan;
            }

            TimeSpan? wait = null;
            foreach (UntoldChange change in open)
                wait = Longer(wait, await TryReadAsync(change, ct));
            return wait;
        }
        catch (Exception error) when (IsOfDatabase(error) && !ct.IsCancellationRequested)
        {
            LogWaits("the database", error is PostgresException postgres ? postgres.SqlState : error.GetType().Name);
            await _pause.WaitAsync(ct);
            return null;
        }
    }

    private async Task<TimeSpan?> TryReadAsync(UntoldChange change, CancellationToken ct)
    {
        try
        {
            await ReadAsync(change, ct);
            return null;
        }
        catch (Exception error) when (!ct.IsCancellationRequested && !IsOfDatabase(error))
        {
            string code = (error as SalesforceException)?.Code ?? error.GetType().Name;
            LogWaits("the org", code);
            await alerts.RaiseAsync($"gap in {change.Source}",
                $"The org told that records of {change.SObject} changed and not how, and they cannot be read ({code}). It is tried again; see `bridge gaps list`.", ct);
            return error switch
            {
                SalesforceException { RetryAfter: { } asked } => asked,
                SalesforceException { Class.Remedy: Remedy.Wait wait } => wait.For,
                _ => options.LaneProbe,
            };
        }
    }

    private static bool IsOfDatabase(Exception error) => error is NpgsqlException or TimeoutException or IOException;

    private async Task ReadAsync(UntoldChange change, CancellationToken ct)
    {
        SalesforceClient client = org.For(ApiCaller.Poll(change.Source));
        ObjectDescribe sObject = await client.GetObjectDescribeAsync(change.SObject, ct);
        var snapshot = new ChangeSnapshot(change.Source, Origin, $"{change.Gap}", sObject);
        string[] some = [.. change.Records.Take(MostAtOnce)];
        long noted = await log.NewestAsync(change.Source, ct);
        List<BackfillRecord> records = [];
        // Those of which the org does not speak are gone.
        await foreach (JsonElement row in client.QueryAsync(RecordQuery.Of(sObject, snapshot.Fields, null).These(some), ct))
        {
            NewMessage message = snapshot.Of(row) with { Origin = change.Origin, Hops = change.Hops };
            records.Add(new BackfillRecord(message.Key!, message));
        }

        if (!await changes.StoreAsync(change, new BackfillPage(noted, records), [.. change.Records.Skip(some.Length)], ct))
            await _pause.WaitAsync(ct);
    }

    // All of an object are named like `001*`.
    private static bool IsId(string id) => id.Length is 15 or 18 && id.All(char.IsAsciiLetterOrDigit);

    private static TimeSpan? Longer(TimeSpan? one, TimeSpan? other) => one is null || other > one ? other ?? one : one;

    private static IEnumerable<string> RecordsOf(StreamedEvent streamed)
    {
        using JsonDocument payload = JsonDocument.Parse(streamed.Payload, AnyDepth);
        JsonElement ids = payload.RootElement.GetProperty("ChangeEventHeader").TryGetProperty("recordIds", out JsonElement named) ? named : default;
        return ids.ValueKind != JsonValueKind.Array ? [] : [.. ids.EnumerateArray().Where(id => id.ValueKind == JsonValueKind.String).Select(id => id.GetString()!)];
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Records that changed untold are read again later: {Who} does not answer as it should ({Cause})")]
    private partial void LogWaits(string who, string cause);
}
