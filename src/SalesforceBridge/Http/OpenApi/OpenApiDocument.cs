using System.Text.Json.Nodes;
using SalesforceBridge.Http.Callers;
using SalesforceBridge.Http.Callouts;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Http.OpenApi;

/// <summary>A callout as the document tells of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Callout">What its routes make it; some of them say what they take.</param>
/// <param name="Columns">What its reply's rows have; null where there is no reply, or one in C#.</param>
internal sealed record DocumentedCallout(string Name, Callout Callout, IReadOnlyList<RouteColumn>? Columns);

/// <summary>
/// The callouts as OpenAPI 3.0, in the part of it that Salesforce External Services imports: one object in, one success out, each
/// object flat and named, every refusal the default.
/// </summary>
internal static class OpenApiDocument
{
    private const string Json = "application/json";

    public static JsonObject Of(string server, IReadOnlyList<DocumentedCallout> callouts)
    {
        IReadOnlyDictionary<string, string> names = ApexNames.Of(callouts.Select(callout => callout.Name));
        var paths = new JsonObject();
        var schemas = new JsonObject
        {
            ["Accepted"] = AcceptedBody,
            ["Refusal"] = Flat([("error", OpenApiTypes.Typed("string")), ("message", OpenApiTypes.Typed("string"))]),
        };
        foreach (DocumentedCallout callout in callouts.OrderBy(callout => callout.Name, StringComparer.Ordinal))
        {
            string name = names[callout.Name], type = ApexNames.Capital(name);
            paths[$"/callouts/{callout.Name}"] = new JsonObject { ["post"] = Operation(name, type, callout) };
            schemas[$"{type}Request"] = Request(callout.Callout.Takes!);
            if (callout.Columns is { } columns)
                schemas[$"{type}Row"] = Flat(columns.Where(column => !column.IsMetadata).Select(column => (column.Name, OpenApiTypes.Of(column))));
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.3",
            ["info"] = new JsonObject
            {
                ["title"] = "SalesforceBridge",
                ["description"] = "What the bridge's routes take and answer.",
                ["version"] = typeof(OpenApiDocument).Assembly.GetName().Version!.ToString(3),
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = server }),
            ["security"] = new JsonArray(new JsonObject { ["bearer"] = new JsonArray() }, new JsonObject { ["apiKey"] = new JsonArray() }),
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas, ["securitySchemes"] = SecuritySchemes },
        };
    }

    private static JsonObject AcceptedBody => Flat(
    [
        ("accepted", OpenApiTypes.Typed("integer", "int32")),
        ("ids", OpenApiTypes.Typed("array").With("items", OpenApiTypes.Typed("integer", "int64"))),
    ]);

    private static JsonObject SecuritySchemes => new()
    {
        ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" },
        ["apiKey"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = "X-Api-Key" },
    };

    private static JsonObject Operation(string name, string type, DocumentedCallout callout)
    {
        var operation = new JsonObject
        {
            ["operationId"] = name,
            ["summary"] = callout.Callout.Reply is null ? $"Hands over a record to {callout.Name}" : $"Asks {callout.Name}",
            ["description"] = Describe(callout.Callout),
        };

        // What stores nothing can be repeated without a key.
        if (callout.Callout.IsKept)
            operation["parameters"] = new JsonArray(IdempotencyKey);
        operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(Reference($"{type}Request")) };
        operation["responses"] = new JsonObject
        {
            [callout.Callout.Reply is null ? "202" : "200"] = Success(type, callout),
            ["default"] = Response("Why the request was refused.", Reference("Refusal")),
        };
        return operation;
    }

    private static string Describe(Callout callout) => (callout.Reply, callout.IsKept) switch
    {
        (null, _) => "The record is stored before the answer leaves.",
        (_, false) => "Answered in the request; nothing is stored.",
        _ => "The record is stored, then the request is answered.",
    };

    private static JsonObject IdempotencyKey => new()
    {
        ["name"] = CallerGate.IdempotencyHeader,
        ["in"] = "header",
        ["required"] = false,
        ["description"] = "The same key again, with the same body, stores nothing twice.",
        ["schema"] = OpenApiTypes.Typed("string").With("minLength", 1).With("maxLength", CalloutReader.LongestKey),
    };

    private static JsonObject Success(string type, DocumentedCallout callout) => (callout.Callout.Reply, callout.Columns) switch
    {
        (null, _) => Response("The ids of what was stored.", Reference("Accepted")),
        (_, null) => Response("What the handler answers.", []),
        ({ Definition.RepliesOne: true }, _) => Response("The row.", Reference($"{type}Row")),
        _ => Response("The rows.", OpenApiTypes.Typed("array").With("items", Reference($"{type}Row"))),
    };

    private static JsonObject Request(IReadOnlyList<RequestField> fields)
    {
        JsonObject request = Flat(fields.Select(field => (field.Name, OpenApiTypes.Of(field))));
        JsonNode[] required = [.. fields.Where(field => !field.IsOptional).Select(field => JsonValue.Create(field.Name))];
        return required.Length == 0 ? request : request.With("required", new JsonArray(required));
    }

    private static JsonObject Flat(IEnumerable<(string Name, JsonObject Schema)> properties)
    {
        var named = new JsonObject();
        foreach ((string name, JsonObject schema) in properties)
            named[name] = schema;
        return OpenApiTypes.Typed("object").With("properties", named);
    }

    private static JsonObject Response(string description, JsonObject schema) =>
        new() { ["description"] = description, ["content"] = Content(schema) };

    private static JsonObject Content(JsonObject schema) => new() { [Json] = new JsonObject { ["schema"] = schema } };

    private static JsonObject Reference(string schema) => new() { ["$ref"] = $"#/components/schemas/{schema}" };
}
