using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Sources.Soql;

namespace SalesforceBridge.Backfills;

/// <summary>The records that a backfill reads, page by page in the order of their ids: an org's query locator would end after two days.</summary>
/// <param name="SObject">Their object.</param>
/// <param name="Select">What is asked of each.</param>
/// <param name="Alias">What the query calls its object, with the blank before; empty for nothing.</param>
/// <param name="Conditions">Which of them, each in parentheses; all must hold.</param>
internal sealed record RecordQuery(string SObject, string Select, string Alias, IReadOnlyList<string> Conditions)
{
    /// <summary>The query of a source, and perhaps fewer of its rows.</summary>
    public static RecordQuery Of(SoqlQuery query, string? condition) =>
        new(query.SObject, query.Select, query.Alias, [.. new[] { query.Where, condition }.OfType<string>().Select(Bracketed)]);

    /// <summary>All fields of an object that can be asked for together.</summary>
    public static RecordQuery Of(ObjectDescribe sObject, IEnumerable<FieldDescribe> fields, string? condition) =>
        new(sObject.Name, string.Join(',', fields.Select(field => field.Name)), "", [.. new[] { condition }.OfType<string>().Select(Bracketed)]);

    /// <summary>The next of them behind an id.</summary>
    public string After(string? id) =>
        $"select {Select} {From([.. Conditions, .. id is null ? Array.Empty<string>() : [$"Id > '{id}'"]])} order by Id limit {SoqlQuery.PageSize}";

    /// <summary>These, as far as they are still there.</summary>
    public string These(IEnumerable<string> ids) => $"select {Select} {From([.. Conditions, $"Id in ({string.Join(',', ids.Select(id => $"'{id}'"))})"])}";

    /// <summary>How many there are.</summary>
    public string Count() => $"select count() {From(Conditions)}";

    private string From(IReadOnlyList<string> conditions) =>
        $"from {SObject}{Alias}{(conditions.Count == 0 ? "" : $" where {string.Join(" and ", conditions)}")}";

    private static string Bracketed(string condition) => $"({condition})";
}
