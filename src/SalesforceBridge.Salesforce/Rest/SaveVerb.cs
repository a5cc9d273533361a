namespace SalesforceBridge.Salesforce.Rest;

/// <summary>What to do with records. Publishing an event is to create one of an <c>__e</c> object.</summary>
public enum SaveVerb
{
    /// <summary>Makes a new record; twice makes two.</summary>
    Create,

    /// <summary>Changes the record that has the <c>Id</c>.</summary>
    Update,

    /// <summary>Changes the record that has the external id, or makes it.</summary>
    Upsert,

    /// <summary>Deletes the record that has the <c>Id</c>. One that is deleted already counts as success, so a delete may be repeated.</summary>
    Delete,
}

/// <summary>How records are saved.</summary>
public sealed record SaveOptions
{
    /// <summary>Whether one bad record undoes its whole call of up to 200; false by default.</summary>
    public bool AllOrNone { get; init; }

    /// <summary>The name this save carries instead of <see cref="SalesforceClientSettings.ClientName"/>.</summary>
    public string? ClientName { get; init; }

    /// <summary>
    /// A session id or access token of a user of the same org, to save as that user; null, the default, saves under the client's own token. It
    /// goes to the host that the client's own token is for, and nobody renews it: once the org rejects it, the save fails.
    /// </summary>
    public string? Session { get; init; }

    /// <summary>How to save, without the session.</summary>
    public override string ToString() => $"{nameof(SaveOptions)} {{ AllOrNone = {AllOrNone}, ClientName = {ClientName} }}";
}
