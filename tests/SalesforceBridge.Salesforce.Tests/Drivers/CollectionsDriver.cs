using System.Text.Json;

namespace SalesforceBridge.Salesforce.Tests.Drivers;

/// <summary>Answers of the collections resource.</summary>
public static class CollectionsDriver
{
    public static string Saved(string? id) => $$"""{"id":"{{id}}","success":true,"errors":[]}""";

    public static string Refused(string code, string message = "because") =>
        $$"""{"success":false,"errors":[{"statusCode":"{{code}}","message":"{{message}}","fields":["Name"]}]}""";

    public static int CountOf(Received request) => RecordsOf(request).Count;

    /// <summary>Record <c>n7</c> gets id <c>id-7</c>.</summary>
    public static Answer SaveAll(Received request) => Results(request, (_, number) => Saved($"id-{number}"));

    /// <summary>Refuses n0, n3, n6, ...</summary>
    public static Answer RefuseEveryThird(Received request) =>
        Results(request, (name, number) => number % 3 == 0 ? Refused("STRING_TOO_LONG", name) : Saved($"id-{number}"));

    private static Answer Results(Received request, Func<string, int, string> result) =>
        Answer.Ok($"[{string.Join(',', RecordsOf(request).Select(record => result(NameOf(record), NumberOf(record))))}]");

    private static List<JsonElement> RecordsOf(Received request) =>
        [.. JsonDocument.Parse(request.Body).RootElement.GetProperty("records").EnumerateArray()];

    private static string NameOf(JsonElement record) => record.TryGetProperty("Name", out JsonElement name) ? name.GetString()! : "n-1";

    private static int NumberOf(JsonElement record) => int.TryParse(NameOf(record)[1..], out int number) ? number : -1;
}
