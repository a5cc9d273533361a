namespace SalesforceBridge.Salesforce.Rest.Composite;

/// <summary>
/// A record's id in a subrequest: one that is known, or one that the answer of an earlier subrequest will tell. As a value of a field it is
/// taken by <see cref="RecordJson.FromDictionary"/>; elsewhere <see cref="ToString"/> is what to write.
/// </summary>
public readonly record struct CompositeId
{
    private readonly string? _text;
    private readonly bool _isReference;

    private CompositeId(string text, bool isReference) => (_text, _isReference) = (text, isReference);

    /// <summary>How it stands in a path: a reference as it is, since the org would not know it again, all else percent-encoded.</summary>
    internal string InPath => _isReference ? ToString() : RecordPath.Segment(ToString());

    /// <summary>An id that is known.</summary>
    /// <param name="id">The record's id.</param>
    public static CompositeId FromString(string id) => new(id, isReference: false);

    /// <summary>An id that is known.</summary>
    /// <param name="id">The record's id.</param>
    public static implicit operator CompositeId(string id) => FromString(id);

    internal static CompositeId Reference(string referenceId, string path) => new($"@{{{referenceId}{(path.StartsWith('[') ? "" : ".")}{path}}}", isReference: true);

    /// <summary>The id, or the reference as the org reads it: <c>@{account.id}</c>.</summary>
    public override string ToString() => _text ?? "";
}

/// <summary>A subrequest by its name, for later ones of the same composite to speak of.</summary>
public sealed record CompositeReference
{
    private readonly string _idPath;

    internal CompositeReference(string referenceId, string idPath) => (ReferenceId, _idPath) = (referenceId, idPath);

    /// <summary>The name; answers carry it too.</summary>
    public string ReferenceId { get; }

    /// <summary>
    /// The id of the record that the subrequest creates, upserts or reads, or of the first that it finds. The answer to an update or a delete
    /// tells none: who speaks of it is halted.
    /// </summary>
    public CompositeId Id => At(_idPath);

    /// <summary>Another value of the answer, to stand for an id.</summary>
    /// <param name="path">Where it is in the answer's body: <c>AccountId</c>, <c>records[0].OwnerId</c>. Case counts.</param>
    public CompositeId At(string path) => CompositeId.Reference(ReferenceId, path);
}
