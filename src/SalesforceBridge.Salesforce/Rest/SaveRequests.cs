namespace SalesforceBridge.Salesforce.Rest;

/// <summary>Writes the requests of a save.</summary>
internal sealed class SaveRequests
{
    private const string Collections = "composite/sobjects";

    private readonly string _sObject;
    private readonly string _keyField;

    public SaveRequests(SaveVerb verb, string sObject, string? externalIdField, bool allOrNone)
    {
        if (verb is SaveVerb.Upsert && string.IsNullOrEmpty(externalIdField))
            throw new ArgumentException("An upsert needs the name of an external id field.", nameof(externalIdField));
        (Verb, AllOrNone, _sObject) = (verb, allOrNone, sObject);
        _keyField = verb is SaveVerb.Upsert ? externalIdField! : "Id";
    }

    public SaveVerb Verb { get; }

    public bool AllOrNone { get; }

    /// <summary>What a save is called in errors and logs.</summary>
    public static string Name(SaveVerb verb, string sObject) => verb switch
    {
        SaveVerb.Create => $"create {sObject}",
        SaveVerb.Update => $"update {sObject}",
        SaveVerb.Upsert => $"upsert {sObject}",
        SaveVerb.Delete => $"delete {sObject}",
        _ => throw new ArgumentOutOfRangeException(nameof(verb), verb, "There is no such verb."),
    };

    /// <summary>The id an update or delete is for; null for other verbs, or where it is missing.</summary>
    public string? IdOf(ReadOnlyMemory<byte> record) =>
        Verb is SaveVerb.Update or SaveVerb.Delete ? RecordBytes.Value(record, "Id") : null;

    /// <summary>Whether an id can stand in a list of ids as one of them.</summary>
    public static bool CanBeListed(string? id) => !string.IsNullOrEmpty(id) && id.All(char.IsAsciiLetterOrDigit);

    /// <summary>The request to a record's own resource; null when its key cannot be part of a path.</summary>
    public SalesforceRequest? ForOne(ReadOnlyMemory<byte> record)
    {
        if (Verb is SaveVerb.Create)
            return Request(HttpMethod.Post, RecordPath.Object(_sObject), RecordBytes.Single(record, null));
        string? key = RecordBytes.Value(record, _keyField);
        if (!RecordPath.CanHold(key))
            return null;
        return Verb switch
        {
            SaveVerb.Update => Request(HttpMethod.Patch, RecordPath.Record(_sObject, key), RecordBytes.Single(record, _keyField)),
            SaveVerb.Upsert => Request(HttpMethod.Patch, RecordPath.Record(_sObject, _keyField, key), RecordBytes.Single(record, _keyField)),
            _ => Request(HttpMethod.Delete, RecordPath.Record(_sObject, key), null),
        };
    }

    /// <summary>The request to the collections resource.</summary>
    public SalesforceRequest ForMany(IReadOnlyList<ReadOnlyMemory<byte>> records, IReadOnlyList<string?> ids) => Verb switch
    {
        SaveVerb.Create => Request(HttpMethod.Post, Collections, RecordBytes.Collection(_sObject, records, AllOrNone)),
        SaveVerb.Update => Request(HttpMethod.Patch, Collections, RecordBytes.Collection(_sObject, records, AllOrNone)),
        SaveVerb.Upsert => Request(HttpMethod.Patch,
            $"{Collections}/{Uri.EscapeDataString(_sObject)}/{Uri.EscapeDataString(_keyField)}",
            RecordBytes.Collection(_sObject, records, AllOrNone)),
        _ => Request(HttpMethod.Delete,
            $"{Collections}?ids={string.Join(',', ids.Select(id => Uri.EscapeDataString(id!)))}&allOrNone={(AllOrNone ? "true" : "false")}",
            null),
    };

    private SalesforceRequest Request(HttpMethod method, string path, ReadOnlyMemory<byte>? body) => new(method, path)
    {
        What = Name(Verb, _sObject),
        Body = body,
        Repeatable = Verb is not SaveVerb.Create,
    };
}
