using System.Text.RegularExpressions;

namespace SalesforceBridge.Salesforce.Rest.Composite;

/// <summary>
/// Requests to send as one: up to 25, at most 5 of them queries and collections (<see cref="SalesforceClient.ExecuteCompositeAsync"/>), or a graph
/// among others (<see cref="SalesforceClient.ExecuteGraphAsync"/>). Later ones can speak of what earlier ones answer:
/// <code>
/// var order = new CompositeRequest { AllOrNone = true };
/// CompositeReference account = order.Add(Subrequest.Create("Account", new Dictionary&lt;string, object?&gt; { ["Name"] = "Acme" }));
/// order.Add(Subrequest.Create("Contact", new Dictionary&lt;string, object?&gt; { ["LastName"] = "Ann", ["AccountId"] = account.Id }));
/// </code>
/// </summary>
public sealed partial class CompositeRequest
{
    private readonly List<(string ReferenceId, Subrequest Subrequest)> _subrequests = [];

    /// <summary>Whether one that fails undoes all the others; false by default. A graph is always all or none.</summary>
    public bool AllOrNone { get; init; }

    /// <summary>
    /// Whether the org may gather subrequests that do not speak of each other: faster, and in an order of its own. True by default, as in the org
    /// itself. What a subrequest has to find done without speaking of it needs false.
    /// </summary>
    public bool CollateSubrequests { get; init; } = true;

    /// <summary>The subrequests in their order, each with its name.</summary>
    internal IReadOnlyList<(string ReferenceId, Subrequest Subrequest)> Subrequests => _subrequests;

    /// <summary>
    /// Whether sending it twice is as good as once. All or none with a delete is not: what was done the first time would be refused as deleted
    /// the second time, and so would all the rest.
    /// </summary>
    internal bool IsRepeatable(bool allOrNone) => _subrequests.TrueForAll(each =>
        each.Subrequest.Repeatable && !(allOrNone && each.Subrequest.Method == HttpMethod.Delete));

    /// <summary>Adds a subrequest behind the others.</summary>
    /// <param name="subrequest">What to do.</param>
    /// <param name="referenceId">Its name, of letters, digits and underscores, the first no underscore; null for one made up: <c>r1</c>, <c>r2</c>, ...</param>
    /// <returns>What later ones can speak of.</returns>
    /// <exception cref="ArgumentException">The name is no such name, or another subrequest has it.</exception>
    public CompositeReference Add(Subrequest subrequest, string? referenceId = null)
    {
        string name = referenceId ?? $"r{_subrequests.Count + 1}";
        if (!ReferenceName().IsMatch(name))
            throw new ArgumentException($"The reference id '{name}' must consist of letters, digits and underscores, and not begin with one of these.", nameof(referenceId));
        if (_subrequests.Exists(each => each.ReferenceId == name))
            throw new ArgumentException($"Another subrequest has the reference id '{name}'.", nameof(referenceId));
        _subrequests.Add((name, subrequest));
        return new CompositeReference(name, subrequest.IdPath);
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ReferenceName();
}
