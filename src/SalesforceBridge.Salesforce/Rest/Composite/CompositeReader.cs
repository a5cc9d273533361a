using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Rest.Composite;

/// <summary>Reads the answers to requests that hold others. Whatever does not give each subrequest its answer is none.</summary>
internal static class CompositeReader
{
    /// <exception cref="JsonException">It is not one answer for each subrequest.</exception>
    /// <exception cref="SalesforceException">The org refused the composite as a whole.</exception>
    public static CompositeResult Read(SalesforceReply reply, CompositeRequest request) =>
        Parse(reply, root => RefusalOfAll(root) is { } refusal ? throw refusal : ReadComposite(root, request));

    /// <exception cref="JsonException">It is not one answer for each subrequest of each graph.</exception>
    public static IReadOnlyList<CompositeResult> ReadGraphs(SalesforceReply reply, IReadOnlyList<CompositeRequest> graphs) =>
        Parse<IReadOnlyList<CompositeResult>>(reply, root =>
        {
            Dictionary<string, JsonElement> answers = [];
            foreach (JsonElement graph in Array(root, "graphs"))
                Add(answers, Text(graph, "graphId"), Member(graph, "graphResponse"));
            return answers.Count == graphs.Count
                ? [.. graphs.Select((graph, i) => ReadComposite(Find(answers, CompositeWriter.GraphId(i)), graph))]
                : throw new JsonException("There is not one answer for each graph.");
        });

    /// <exception cref="JsonException">It is not one answer for each subrequest.</exception>
    public static IReadOnlyList<SubrequestResult> ReadBatch(SalesforceReply reply, IReadOnlyList<Subrequest> subrequests) =>
        Parse<IReadOnlyList<SubrequestResult>>(reply, root =>
        {
            JsonElement[] answers = [.. Array(root, "results")];
            return answers.Length == subrequests.Count
                ? [.. answers.Zip(subrequests, (answer, subrequest) => ReadResult(subrequest, null, Status(answer, "statusCode"), Member(answer, "result")))]
                : throw new JsonException("There is not one answer for each subrequest.");
        });

    private static T Parse<T>(SalesforceReply reply, Func<JsonElement, T> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(reply.Body);
            return read(document.RootElement);
        }
        catch (InvalidOperationException fault)
        {
            throw new JsonException("A text holds half a character.", fault);
        }
    }

    private static CompositeResult ReadComposite(JsonElement root, CompositeRequest request)
    {
        Dictionary<string, JsonElement> answers = [];
        foreach (JsonElement answer in Array(root, "compositeResponse"))
            Add(answers, Text(answer, "referenceId"), answer);
        return answers.Count == request.Subrequests.Count
            ? new CompositeResult([.. request.Subrequests.Select(each => ReadResult(each.Subrequest, each.ReferenceId, Find(answers, each.ReferenceId)))])
            : throw new JsonException("There is not one answer for each subrequest.");
    }

    // More than the org takes is refused by a single answer, which belongs to no subrequest.
    private static SalesforceException? RefusalOfAll(JsonElement root)
    {
        if (Array(root, "compositeResponse").ToArray() is not [var only] || Text(only, "referenceId") is not null)
            return null;
        HttpStatusCode status = Status(only, "httpStatusCode");
        if (IsDone(status))
            return null;
        IReadOnlyList<SalesforceError> errors = ErrorBody.Read(status, Bytes(Member(only, "body")));
        return new SalesforceException("run composite", errors, ErrorTable.Of(errors));
    }

    private static SubrequestResult ReadResult(Subrequest subrequest, string referenceId, JsonElement answer) =>
        ReadResult(subrequest, referenceId, Status(answer, "httpStatusCode"), Member(answer, "body")) with { Headers = Headers(answer) };

    private static SubrequestResult ReadResult(Subrequest subrequest, string? referenceId, HttpStatusCode status, JsonElement body)
    {
        byte[] bytes = Bytes(body);
        IReadOnlyList<SalesforceError> errors = IsDone(status) ? [] : ErrorBody.Read(status, bytes);
        bool isGone = subrequest.Method == HttpMethod.Delete && SaveResult.IsGone(errors);
        return new SubrequestResult { ReferenceId = referenceId, Status = status, Body = bytes, Errors = isGone ? [] : errors };
    }

    private static bool IsDone(HttpStatusCode status) => (int)status is >= 200 and < 300 or 304;

    private static Dictionary<string, string> Headers(JsonElement answer)
    {
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        if (answer.TryGetProperty("httpHeaders", out JsonElement all) && all.ValueKind is JsonValueKind.Object)
        {
            foreach (JsonProperty header in all.EnumerateObject())
                headers[header.Name] = header.Value.ToString();
        }

        return headers;
    }

    private static byte[] Bytes(JsonElement body) => body.ValueKind is JsonValueKind.Null ? [] : JsonMarshal.GetRawUtf8Value(body).ToArray();

    private static void Add(Dictionary<string, JsonElement> answers, string? name, JsonElement answer)
    {
        if (name is null || !answers.TryAdd(name, answer))
            throw new JsonException("An answer has no name, or two have the same.");
    }

    private static JsonElement Find(Dictionary<string, JsonElement> answers, string name) =>
        answers.TryGetValue(name, out JsonElement answer) ? answer : throw new JsonException("A subrequest has no answer.");

    private static JsonElement.ArrayEnumerator Array(JsonElement owner, string name) =>
        Member(owner, name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : throw new JsonException($"{name} is a list.");

    private static HttpStatusCode Status(JsonElement owner, string name) =>
        Member(owner, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int status) && status is >= 100 and < 600
            ? (HttpStatusCode)status
            : throw new JsonException($"{name} is an HTTP status.");

    private static string? Text(JsonElement owner, string name) =>
        Member(owner, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static JsonElement Member(JsonElement owner, string name) =>
        owner.ValueKind is JsonValueKind.Object && owner.TryGetProperty(name, out JsonElement value) ? value : throw new JsonException($"There is no {name}.");
}
