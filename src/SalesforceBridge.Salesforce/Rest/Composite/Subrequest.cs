namespace SalesforceBridge.Salesforce.Rest.Composite;

/// <summary>
/// A request inside another one. The factories make those to records and queries; the constructor makes any other that the resource takes:
/// a composite and a batch take <c>sobjects</c>, <c>query</c> and <c>queryAll</c>, a composite collections too, a batch <c>search</c>, <c>limits</c> and
/// <c>actions</c>; a graph takes single records only.
/// </summary>
/// <param name="Method">GET, POST, PATCH or DELETE.</param>
/// <param name="Path">
/// Percent-encoded path and query: below <c>/services/data/vXX.X/</c>, or from the host on when it begins with a slash. A reference to another
/// subrequest, <c>@{account.id}</c>, stays as it is.
/// </param>
public sealed record Subrequest(HttpMethod Method, string Path)
{
    /// <summary>The JSON body; null for none. A text in it that has the form of a reference, <c>@{name.path}</c>, is taken for one by the org.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>
    /// Headers of this subrequest, such as <c>Sforce-Query-Options</c>; a batch takes none. <c>Accept</c>, <c>Authorization</c> and
    /// <c>Content-Type</c> are those of the whole.
    /// </summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether doing it twice is as good as once. By default all but a POST: a record is changed to the same values, and deleted once.</summary>
    public bool Repeatable { get; init; } = Method != HttpMethod.Post;

    /// <summary>Where its answer tells the record's id.</summary>
    internal string IdPath { get; init; } = "id";

    /// <summary>Creates a record, or publishes an event.</summary>
    /// <param name="sObject">The object's, or event's, API name.</param>
    /// <param name="record">The fields.</param>
    /// <exception cref="System.Text.Json.JsonException">The record is not one JSON object.</exception>
    public static Subrequest Create(string sObject, RecordJson record) =>
        new(HttpMethod.Post, RecordPath.Object(sObject)) { Body = RecordBytes.Single(record.Utf8, null) };

    /// <summary>Changes a record.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="id">The record's id, or a reference to it.</param>
    /// <param name="record">The fields to change; an <c>Id</c> among them is left out.</param>
    /// <exception cref="System.Text.Json.JsonException">The record is not one JSON object.</exception>
    /// <exception cref="ArgumentException">The id cannot be part of a path.</exception>
    public static Subrequest Update(string sObject, CompositeId id, RecordJson record) =>
        new(HttpMethod.Patch, $"{RecordPath.Object(sObject)}/{id.InPath}") { Body = RecordBytes.Single(record.Utf8, "Id") };

    /// <summary>Changes the record with an external id, or creates it.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="externalIdField">The external id's field.</param>
    /// <param name="externalId">Its value, as it is: it is encoded here.</param>
    /// <param name="record">The other fields; the external id among them is left out.</param>
    /// <exception cref="System.Text.Json.JsonException">The record is not one JSON object.</exception>
    /// <exception cref="ArgumentException">The value cannot be part of a path: it is empty or made of dots.</exception>
    public static Subrequest Upsert(string sObject, string externalIdField, string externalId, RecordJson record) =>
        new(HttpMethod.Patch, $"{RecordPath.Object(sObject)}/{RecordPath.Segment(externalIdField)}/{RecordPath.Segment(externalId)}")
        {
            Body = RecordBytes.Single(record.Utf8, externalIdField),
        };

    /// <summary>Deletes a record; one that is deleted already counts as success.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="id">The record's id, or a reference to it.</param>
    /// <exception cref="ArgumentException">The id cannot be part of a path.</exception>
    public static Subrequest Delete(string sObject, CompositeId id) => new(HttpMethod.Delete, $"{RecordPath.Object(sObject)}/{id.InPath}");

    /// <summary>Reads a record.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="id">The record's id, or a reference to it.</param>
    /// <param name="fields">The fields to read; null for all.</param>
    /// <exception cref="ArgumentException">The id cannot be part of a path.</exception>
    public static Subrequest Read(string sObject, CompositeId id, IEnumerable<string>? fields = null)
    {
        string query = fields is null ? "" : $"?fields={Uri.EscapeDataString(string.Join(',', fields))}";
        return new Subrequest(HttpMethod.Get, $"{RecordPath.Object(sObject)}/{id.InPath}{query}") { IdPath = "Id" };
    }

    /// <summary>Queries; the answer is the first page (<see cref="SubrequestResult.ReadPage"/>).</summary>
    /// <param name="soql">The query.</param>
    public static Subrequest Query(string soql) => new(HttpMethod.Get, $"query?q={Uri.EscapeDataString(soql)}") { IdPath = "records[0].Id" };

    /// <summary>What it asks for; ids, queries and bodies stay out of logs.</summary>
    public override string ToString() => $"{Method} with {Body?.Length ?? 0} bytes";
}
