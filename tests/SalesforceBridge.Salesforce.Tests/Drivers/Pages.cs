using System.Text.Json;

namespace SalesforceBridge.Salesforce.Tests.Drivers;

/// <summary>Pages of a query's result.</summary>
public static class Pages
{
    public static Answer Page(int totalSize, string? next, params string[] ids)
    {
        string records = string.Join(',', ids.Select(id => $$"""{"attributes":{"type":"Account"},"Id":"{{id}}"}"""));
        string url = next is null ? "" : $"\"nextRecordsUrl\":{JsonSerializer.Serialize(next)},";
        return Answer.Ok($$"""{"totalSize":{{totalSize}},"done":{{(next is null ? "true" : "false")}},{{url}}"records":[{{records}}]}""");
    }
}
