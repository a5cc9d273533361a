using System.Net;

namespace SalesforceBridge.Salesforce.Rest.Composite;

/// <summary>A new record with its children (<see cref="SalesforceClient.CreateMultipleAsync"/>).</summary>
/// <param name="ReferenceId">By what its result is found; each record of a tree has one of its own.</param>
/// <param name="Fields">The record's fields, without that which refers to its parent.</param>
public sealed record TreeRecord(string ReferenceId, RecordJson Fields)
{
    /// <summary>What hangs on it.</summary>
    public IReadOnlyList<TreeChildren> Children { get; init; } = [];
}

/// <summary>Children of a record of one kind.</summary>
/// <param name="Relationship">What the parent's object calls them, as its describe tells: <c>Contacts</c>, <c>Orders__r</c>.</param>
/// <param name="SObject">The children's API name.</param>
/// <param name="Records">The children.</param>
public sealed record TreeChildren(string Relationship, string SObject, IReadOnlyList<TreeRecord> Records);

/// <summary>What became of a tree.</summary>
/// <param name="Status">The HTTP status: 201 when every record was created, 400 when none was.</param>
/// <param name="Results">
/// What became of each record, by its reference id. When one was refused the others are refused as
/// <c>ALL_OR_NONE_OPERATION_ROLLED_BACK</c>: they were right themselves, or not tried.
/// </param>
public sealed record TreeOutcome(HttpStatusCode Status, IReadOnlyDictionary<string, SaveResult> Results)
{
    /// <summary>Whether the records were created.</summary>
    public bool Success => Results.Values.All(result => result.Success);
}
