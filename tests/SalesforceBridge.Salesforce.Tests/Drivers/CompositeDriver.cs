using System.Text.Json;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Salesforce.Tests.Drivers;

/// <summary>Answers of the composite family, and what was asked of it.</summary>
public static class CompositeDriver
{
    public const string CompositeRoute = "POST composite";
    public const string BatchRoute = "POST composite/batch";
    public const string GraphRoute = "POST composite/graph";

    public static string Part(string referenceId, int status, string body, string headers = "{}") =>
        $$"""{"body":{{body}},"httpHeaders":{{headers}},"httpStatusCode":{{status}},"referenceId":{{JsonSerializer.Serialize(referenceId)}}}""";

    public static string Created(string referenceId, string id) =>
        Part(referenceId, 201, $$"""{"id":"{{id}}","success":true,"errors":[]}""", $$"""{"Location":"/services/data/v62.0/sobjects/Account/{{id}}"}""");

    public static string Refused(string referenceId, string code, string message = "because", int status = 400) =>
        Part(referenceId, status, $$"""[{"errorCode":"{{code}}","message":{{JsonSerializer.Serialize(message)}}}]""");

    public static string Parts(params string[] parts) => $$"""{"compositeResponse":[{{string.Join(',', parts)}}]}""";

    public static string Graphs(params (string Id, string Composite)[] graphs) =>
        $$"""{"graphs":[{{string.Join(',', graphs.Select(graph => $$"""{"graphId":"{{graph.Id}}","graphResponse":{{graph.Composite}},"isSuccessful":true}"""))}}]}""";

    public static string Results(params (int Status, string Result)[] results) =>
        $$"""{"hasErrors":false,"results":[{{string.Join(',', results.Select(each => $$"""{"statusCode":{{each.Status}},"result":{{each.Result}}}"""))}}]}""";

    public static RecordJson Named(string name) => new Dictionary<string, object?> { ["Name"] = name };

    /// <summary>The subrequests that were sent.</summary>
    public static JsonElement[] Sent(this Received request, string name = "compositeRequest") =>
        [.. JsonDocument.Parse(request.Body).RootElement.GetProperty(name).EnumerateArray()];

    public static string? Text(this JsonElement owner, string name) => owner.GetProperty(name).GetString();
}
