using System.Collections.Concurrent;
using SalesforceBridge.Budget;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Destinations;

/// <summary>Where a delivery's name leads. One switch, to be read aloud.</summary>
internal sealed class BridgeDestinations(OrgCalls org) : IDestinations
{
    private readonly ConcurrentDictionary<string, IDestination?> _known = new();

    /// <inheritdoc/>
    public IDestination? Find(string name) => _known.GetOrAdd(name, Open);

    private SalesforceDestination? Open(string name)
    {
        string[] words = name.Split(' ');
        return words switch
        {
            ["create" or "publish", var sObject] => new(org, SaveVerb.Create, sObject, null),
            ["update", var sObject] => new(org, SaveVerb.Update, sObject, null),
            ["upsert", var sObject, "by", var field] => new(org, SaveVerb.Upsert, sObject, field),
            ["delete", var sObject] => new(org, SaveVerb.Delete, sObject, null),
            _ => null,
        };
    }
}
