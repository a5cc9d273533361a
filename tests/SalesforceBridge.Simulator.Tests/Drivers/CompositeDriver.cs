using System.Text.Json;

namespace SalesforceBridge.Simulator.Tests.Drivers;

/// <summary>Requests that hold others, and the parts of their answers.</summary>
internal static class CompositeDriver
{
    public static object Sub(string method, string path, string referenceId, object? body = null, object? headers = null) =>
        new { method, url = $"{OrgDriver.Root}/{path}", referenceId, body, httpHeaders = headers ?? new { } };

    public static Task<Answer> CompositeAsync(this OrgDriver driver, bool allOrNone, params object[] compositeRequest) =>
        driver.PostAsync("composite", new { allOrNone, compositeRequest });

    public static JsonElement[] Parts(this Answer answer) => Parts(answer.Json);

    public static JsonElement[] Parts(this JsonElement composite) => [.. composite.GetProperty("compositeResponse").EnumerateArray()];

    public static int Status(this JsonElement part) => part.GetProperty("httpStatusCode").GetInt32();

    public static JsonElement Body(this JsonElement part) => part.GetProperty("body");

    public static string? Id(this JsonElement part) => part.Body().GetProperty("id").GetString();

    /// <summary>The code of a part's first error.</summary>
    public static string? Code(this JsonElement part) => part.Body()[0].GetProperty("errorCode").GetString();

    public static string? Message(this JsonElement part) => part.Body()[0].GetProperty("message").GetString();
}
