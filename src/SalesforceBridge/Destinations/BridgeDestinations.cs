using System.Collections.Concurrent;
using SalesforceBridge.Budget;
using SalesforceBridge.Destinations.Requests;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Destinations;

/// <summary>Where a delivery's name leads. One switch, to be read aloud.</summary>
internal sealed class BridgeDestinations(OrgCalls org, RequestApis requests) : IDestinations
{
    private readonly ConcurrentDictionary<string, IDestination?> _known = new();

    /// <inheritdoc/>
    public IDestination? Find(string name) => _known.GetOrAdd(name, Open);

    private IDestination? Open(string name)
    {
        string[] words = name.Split(' ');
        return words switch
        {
            ["create" or "publish", var sObject] => new SalesforceDestination(org, SaveVerb.Create, sObject, null),
            ["update", var sObject] => new SalesforceDestination(org, SaveVerb.Update, sObject, null),
            ["upsert", var sObject, "by", var field] => new SalesforceDestination(org, SaveVerb.Upsert, sObject, field),
            ["delete", var sObject] => new SalesforceDestination(org, SaveVerb.Delete, sObject, null),
            ["invoke", ..] => InvokeDestination.ActionOf(words) is { } action ? new InvokeDestination(org, action) : null,
            ["submit", _, "for", "approval"] => new SubmitDestination(org),
            ["request", var api] => requests.Find(api),
            _ => null,
        };
    }
}
