using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Automation;

/// <summary>What the org's own classes answer below <c>/services/apexrest</c>, by any verb.</summary>
internal sealed class ApexRestEndpoint(Org org)
{
    /// <summary>Where classes answer; calls there pass the same gate as those of the API.</summary>
    public const string Path = "/services/apexrest";

    public void Map(IEndpointRouteBuilder routes) => routes.Map(Path + "/{**path}", AnswerAsync).Is(ApiCallKind.ApexRest);

    private async Task<IResult> AnswerAsync(HttpContext context, CancellationToken ct)
    {
        string path = context.Request.Path.Value![Path.Length..];
        ApexResource[] here = [.. org.Schema.Automation.ApexRest.Where(resource => resource.Takes(path))];
        if (here.Length == 0)
            throw new ApiException(404, new ApiError("NOT_FOUND", "Could not find a match for URL"));
        ApexResource? found = Array.Find(here, resource => resource.Verb is null || resource.Verb == context.Request.Method);
        return found?.Answer switch
        {
            null => throw NotAllowed(context, here),
            ApexAnswer.Error(var message) => throw new ApiException(500, new ApiError("APEX_ERROR", message)),
            ApexAnswer.Fixed(var status, var json) => Fixed(status, json),
            _ => await EchoAsync(context, path, ct),
        };
    }

    private static JsonReply Fixed(int status, string json) => JsonReply.Of(status, writer => writer.WriteRawValue(json));

    private static async Task<JsonReply> EchoAsync(HttpContext context, string path, CancellationToken ct)
    {
        JsonElement? body = context.Request.ContentType is null ? null : await context.Request.ReadJsonAsync(ct);
        return JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("verb", context.Request.Method);
            json.WriteString("path", path);
            json.WriteString("query", context.Request.QueryString.Value);
            json.WritePropertyName("body");
            if (body is { } sent)
                sent.WriteTo(json);
            else
                json.WriteNullValue();
            json.WriteEndObject();
        });
    }

    private static ApiException NotAllowed(HttpContext context, ApexResource[] here)
    {
        string allowed = string.Join(", ", here.Select(resource => resource.Verb));
        context.Response.Headers.Allow = allowed;
        return new ApiException(405, new ApiError("METHOD_NOT_ALLOWED", $"HTTP Method '{context.Request.Method}' not allowed. Allowed are {allowed}"));
    }
}
