using SalesforceBridge.Destinations;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Sources.Soql;

namespace SalesforceBridge.Routes;

/// <summary>Holds what routes send against what the org says of its objects and fields. Names are matched without regard to case.</summary>
internal sealed class OrgCheck(SalesforceClient org)
{
    private readonly ActionCheck _actions = new(org);
    private readonly Dictionary<string, ObjectDescribe?> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What the org would refuse of a route, each with what to do.</summary>
    /// <param name="route">The route.</param>
    /// <param name="columns">What its statement yields.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="SalesforceException">The org could not be asked.</exception>
    public async Task<IReadOnlyList<string>> FaultsOfAsync(RouteDefinition route, IReadOnlyList<RouteColumn> columns, CancellationToken ct)
    {
        List<string> faults = [];
        if (route.Source.Kind is SourceKind.Event or SourceKind.Change or SourceKind.OutboundMessage)
            faults.AddRange(await FaultsOfAsync(route.Source, ct));
        if (route.Source.Kind == SourceKind.Soql)
            faults.AddRange(await FaultsOfAsync(SoqlQuery.Of(route.Source), ct));
        // What callers may is theirs; the integration user may be allowed less than they are.
        if (route.Action is RouteAction.Deliver { Verb: not DeliveryVerb.Request } deliver && !route.AsCaller)
            faults.AddRange(await FaultsOfAsync(deliver, columns, ct));
        return faults;
    }

    /// <summary>What the org would refuse of rows with these columns.</summary>
    /// <exception cref="SalesforceException">The org could not be asked.</exception>
    public async Task<IReadOnlyList<string>> FaultsOfAsync(RouteAction.Deliver deliver, IReadOnlyList<RouteColumn> columns, CancellationToken ct)
    {
        string[] words = deliver.Destination.Split(' ');
        if (InvokeDestination.ActionOf(words) is { } action)
            return await _actions.FaultsOfAsync(action, columns, ct);
        if (await DescribeAsync(words[1], ct) is not { } sObject)
            return [Unknown(words[1])];
        if (deliver.Verb == DeliveryVerb.Submit)
            return await _actions.FaultsOfAsync(sObject.Name, columns, ct);
        if (!Allows(sObject, deliver.Verb))
            return [$"the integration user may not {words[0]} {sObject.Name}; give it the permission in the org"];

        string? recordField = deliver.Verb switch
        {
            DeliveryVerb.Update or DeliveryVerb.Delete => "Id",
            DeliveryVerb.Upsert => words[3],
            _ => null,
        };
        List<string> faults = [.. RecordFieldFaults(sObject, deliver, recordField, columns)];
        foreach (RouteColumn column in columns.Where(column => !column.IsMetadata && !Is(column.Name, recordField)))
        {
            if (await FaultOfAsync(sObject, deliver, column.Name, ct) is { } fault)
                faults.Add(fault);
        }

        return faults;
    }

    // An outbound message names its object as the org spells it, and sources are compared letter by letter.
    private async Task<IEnumerable<string>> FaultsOfAsync(SourceName source, CancellationToken ct) => await DescribeAsync(source.Argument, ct) switch
    {
        null => [Unknown(source.Argument)],
        { Name: var name } when source.Kind == SourceKind.OutboundMessage && name != source.Argument =>
            [$"`on: {source}` never wakes: the org spells the object {name}"],
        _ => [],
    };

    private async Task<IEnumerable<string>> FaultsOfAsync(SoqlQuery query, CancellationToken ct)
    {
        if (await DescribeAsync(query.SObject, ct) is not { } sObject)
            return [Unknown(query.SObject)];
        if (FieldOf(sObject, "SystemModstamp") is null)
            return [$"on: {sObject.Name} has no SystemModstamp, or the integration user may not see it, so nobody can tell what changed; choose another object"];
        if (!sObject.Replicateable)
            return [$"on: the org does not tell what changed in {sObject.Name} (it is not replicateable); choose another object"];
        try
        {
            // No row is asked for, and still the org reads the query as a poll would send it.
            await org.CountQueryAsync(query.After(null, DateTimeOffset.UnixEpoch, 1), ct);
            return [];
        }
        catch (SalesforceException refusal) when (refusal.Class is { Remedy: Remedy.GiveUp, Blame: not Blame.Org })
        {
            return [$"on: the org refuses the query: {refusal.Message}"];
        }
    }

    private static IEnumerable<string> RecordFieldFaults(
        ObjectDescribe sObject, RouteAction.Deliver deliver, string? recordField, IReadOnlyList<RouteColumn> columns)
    {
        if (recordField is null)
            yield break;
        if (!columns.Any(column => Is(column.Name, recordField)))
            yield return $"`do: {deliver}` needs a column {recordField}, which says the record; add it to the statement";
        if (deliver.Verb == DeliveryVerb.Upsert && !(FieldOf(sObject, recordField) is { } field && (field.ExternalId || field.IdLookup)))
            yield return $"{sObject.Name} has no external id {recordField}; name a field that is marked as one";
    }

    private async Task<string?> FaultOfAsync(ObjectDescribe sObject, RouteAction.Deliver deliver, string column, CancellationToken ct)
    {
        if (column.Split('.') is [string relationship, string externalId])
            return await FaultOfPathAsync(sObject, relationship, externalId, ct);
        if (sObject.Fields.Any(field => Is(column, field.RelationshipName)))
            return null;
        if (FieldOf(sObject, column) is not { } field)
            return $"{sObject.Name} has no field {column}, or the integration user may not see it; correct the column's name or give access";
        return (deliver.Verb, field) switch
        {
            (DeliveryVerb.Create or DeliveryVerb.Publish or DeliveryVerb.Upsert, { Createable: false }) =>
                $"{sObject.Name}.{field.Name} cannot be set when a record is created; leave it out or give access",
            (DeliveryVerb.Update or DeliveryVerb.Upsert, { Updateable: false }) =>
                $"{sObject.Name}.{field.Name} cannot be updated; leave it out or give access",
            (DeliveryVerb.Delete, _) => $"{sObject.Name}.{field.Name} has no meaning for a delete; leave it out",
            _ => null,
        };
    }

    // Account.External_Id__c: the related record, by one of its external ids.
    private async Task<string?> FaultOfPathAsync(ObjectDescribe sObject, string relationship, string externalId, CancellationToken ct)
    {
        if (sObject.Fields.FirstOrDefault(field => Is(relationship, field.RelationshipName)) is not { } reference)
            return $"{sObject.Name} has no relationship {relationship}; correct the column's name";
        foreach (string target in reference.ReferenceTo ?? [])
        {
            if (await DescribeAsync(target, ct) is { } related && FieldOf(related, externalId) is { } field && (field.ExternalId || field.IdLookup))
                return null;
        }

        return $"{relationship} has no external id {externalId}; name a field that is marked as one";
    }

    private async Task<ObjectDescribe?> DescribeAsync(string name, CancellationToken ct)
    {
        if (_known.TryGetValue(name, out ObjectDescribe? known))
            return known;
        try
        {
            return _known[name] = await org.GetObjectDescribeAsync(name, ct);
        }
        catch (SalesforceException unknown) when (unknown.Status == System.Net.HttpStatusCode.NotFound)
        {
            return _known[name] = null;
        }
    }

    private static bool Allows(ObjectDescribe sObject, DeliveryVerb verb) => verb switch
    {
        DeliveryVerb.Create or DeliveryVerb.Publish => sObject.Createable,
        DeliveryVerb.Update => sObject.Updateable,
        DeliveryVerb.Upsert => sObject.Createable && sObject.Updateable,
        DeliveryVerb.Delete => sObject.Deletable,
        _ => true,
    };

    private static FieldDescribe? FieldOf(ObjectDescribe sObject, string name) => sObject.Fields.FirstOrDefault(field => Is(name, field.Name));

    private static bool Is(string name, string? other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);

    private static string Unknown(string name) => $"the org has no object {name}, or the integration user may not see it; correct the name or give access";
}
