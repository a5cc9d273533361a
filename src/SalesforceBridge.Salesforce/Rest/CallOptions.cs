namespace SalesforceBridge.Salesforce.Rest;

/// <summary>
/// What calls say beside what they ask, for a client made by <see cref="SalesforceClient.With"/>. The org heeds each option where it has a
/// meaning and passes over it elsewhere.
/// </summary>
public sealed record CallOptions
{
    /// <summary>
    /// The name that calls carry and change events repeat as their origin, instead of <see cref="SalesforceClientSettings.ClientName"/>
    /// (<c>Sforce-Call-Options: client</c>). It is ASCII, without commas and semicolons.
    /// </summary>
    public string? ClientName { get; init; }

    /// <summary>The managed package whose names may be written without their prefix (<c>Sforce-Call-Options: defaultNamespace</c>).</summary>
    public string? DefaultNamespace { get; init; }

    /// <summary>
    /// A session id or access token of a user of the same org, to call as that user; null, the default, calls under the client's own token.
    /// It goes to the host that the client's own token is for, and nobody renews it: once the org rejects it, calls fail.
    /// </summary>
    public string? Session { get; init; }

    /// <summary>Whose rules give saved records an owner (<c>Sforce-Auto-Assign</c>); null leaves it to the org, which applies the active rule.</summary>
    public AssignmentRule? AssignmentRule { get; init; }

    /// <summary>Whether a record is saved although a duplicate rule warns of it (<c>Sforce-Duplicate-Rule-Header: allowSave</c>); false by default. A rule that blocks still does.</summary>
    public bool AllowDuplicates { get; init; }

    /// <summary>How many records a page of a query holds, 200 to 2,000, as far as their width allows (<c>Sforce-Query-Options</c>); null for the org's 2,000.</summary>
    public int? BatchSize { get; init; }

    /// <summary>The options, without the session.</summary>
    public override string ToString() =>
        $"{nameof(CallOptions)} {{ ClientName = {ClientName}, DefaultNamespace = {DefaultNamespace}, AssignmentRule = {AssignmentRule}, AllowDuplicates = {AllowDuplicates}, BatchSize = {BatchSize} }}";
}

/// <summary>Which assignment rule gives saved cases, leads and accounts their owner.</summary>
public sealed record AssignmentRule
{
    private AssignmentRule(string value) => Value = value;

    /// <summary>None: records keep the owner that was sent, or the user who saves them.</summary>
    public static AssignmentRule None { get; } = new("FALSE");

    /// <summary>The one that is active in the org.</summary>
    public static AssignmentRule Active { get; } = new("TRUE");

    /// <summary>As the header says it.</summary>
    internal string Value { get; }

    /// <summary>One by its id, whether it is active or not.</summary>
    /// <param name="ruleId">Its id.</param>
    public static AssignmentRule Of(string ruleId) => new(ruleId);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
