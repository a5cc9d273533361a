using System.Text.Json;
using SalesforceBridge.Commands;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Sources.Soql;

namespace SalesforceBridge.Backfills;

/// <summary>What a backfill reads of the org, and what messages it makes of that.</summary>
/// <param name="Records">The records.</param>
/// <param name="Record">The message of one.</param>
/// <param name="Deleted">The message of one that was deleted; null where deletes are not told.</param>
internal sealed record BackfillSource(RecordQuery Records, Func<JsonElement, NewMessage> Record, Func<DeletedRecord, NewMessage>? Deleted)
{
    /// <summary>Why there is nothing to read for a route; null where there is.</summary>
    public static string? FaultOf(RouteDefinition route) => route.Source.Kind switch
    {
        SourceKind.Change or SourceKind.Topic or SourceKind.Soql or SourceKind.Table => null,
        SourceKind.Channel when route.Source.Argument.StartsWith("/data/", StringComparison.Ordinal) =>
            $"`{route.Source}` carries changes of several objects, so there is no one query to read: write a route on `change OBJECT` for each, and backfill those.",
        _ => $"`{route.Source}` has nothing to read again: what it tells are events and no records. A gap of it is closed with `bridge gaps close`.",
    };

    /// <summary>What is read for a route on records of the org.</summary>
    /// <exception cref="RefusedException">The condition or the source's query cannot be used.</exception>
    /// <exception cref="Salesforce.Errors.SalesforceException">The org refused or could not be reached.</exception>
    public static async Task<BackfillSource> OfAsync(SalesforceClient org, RouteDefinition route, Backfill backfill, CancellationToken ct)
    {
        // Of some records alone nobody would look for deletes.
        bool tellsDeletes = backfill.Condition is null;
        switch (route.Source.Kind)
        {
            case SourceKind.Change:
                ObjectDescribe sObject = await org.GetObjectDescribeAsync(route.Source.Argument, ct);
                var change = new ChangeSnapshot(backfill.Source, "backfill", $"{backfill.Route} {backfill.Epoch}", sObject);
                return new(RecordQuery.Of(sObject, change.Fields, backfill.Condition), change.Of, tellsDeletes && sObject.Replicateable ? change.Of : null);
            case SourceKind.Topic:
                string text = await QueryOfTopicAsync(org, route.Source.Argument, ct);
                SoqlQuery query = Parsed($"the query of PushTopic {route.Source.Argument}", () => SoqlQuery.Parse(text));
                var topic = new TopicSnapshot(backfill.Source, text, await org.GetObjectDescribeAsync(query.SObject, ct));
                return new(RecordQuery.Of(query, backfill.Condition), topic.Of, null);
            default:
                return new(
                    RecordQuery.Of(SoqlQuery.Of(route.Source), backfill.Condition),
                    row => SoqlMessages.Of(backfill.Source, row, backfill.StartedAt),
                    tellsDeletes && route.Deletes ? deleted => SoqlMessages.Of(backfill.Source, deleted) : null);
        }
    }

    /// <summary>Why a condition in SOQL cannot stand beside others in parentheses; null where it can. What it means the org judges.</summary>
    public static string? FaultOfCondition(string condition)
    {
        try
        {
            SoqlQuery.Parse($"select Id from Account where {condition}");
            return null;
        }
        catch (FormatException fault)
        {
            return $"--where: {fault.Message}.";
        }
    }

    private static async Task<string> QueryOfTopicAsync(SalesforceClient org, string topic, CancellationToken ct)
    {
        await foreach (JsonElement found in org.QueryAsync($"select Query from PushTopic where Name = '{topic}'", ct))
            return found.GetProperty("Query").GetString()!;
        throw new RefusedException($"The org has no PushTopic {topic}, or the integration user may not see it.");
    }

    private static SoqlQuery Parsed(string what, Func<SoqlQuery> parse)
    {
        try
        {
            return parse();
        }
        catch (FormatException fault)
        {
            throw new RefusedException($"{char.ToUpperInvariant(what[0])}{what[1..]}: {fault.Message}.");
        }
    }
}
