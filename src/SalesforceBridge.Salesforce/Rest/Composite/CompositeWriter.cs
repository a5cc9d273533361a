using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SalesforceBridge.Salesforce.Rest.Composite;

/// <summary>Writes the requests that hold others.</summary>
internal sealed class CompositeWriter(string apiVersion)
{
    private const string DataRoot = "/services/data/";

    // References, and what else a URL holds, stay readable on the wire; the body is no page of HTML.
    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public SalesforceRequest Composite(CompositeRequest request) => Post("composite", request.IsRepeatable(request.AllOrNone), writer =>
    {
        writer.WriteBoolean("allOrNone", request.AllOrNone);
        writer.WriteBoolean("collateSubrequests", request.CollateSubrequests);
        WriteSubrequests(writer, request);
    });

    public SalesforceRequest Graph(IReadOnlyList<CompositeRequest> graphs) => Post(
        "composite/graph", graphs.All(graph => graph.IsRepeatable(allOrNone: true)), writer =>
        {
            writer.WriteStartArray("graphs");
            for (int i = 0; i < graphs.Count; i++)
            {
                writer.WriteStartObject();
                writer.WriteString("graphId", GraphId(i));
                WriteSubrequests(writer, graphs[i]);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });

    /// <exception cref="ArgumentException">A subrequest has headers, or a path elsewhere.</exception>
    public SalesforceRequest Batch(IReadOnlyList<Subrequest> subrequests, bool haltOnError) => Post("composite/batch", IsRepeatable(subrequests, haltOnError), writer =>
    {
        writer.WriteBoolean("haltOnError", haltOnError);
        writer.WriteStartArray("batchRequests");
        foreach (Subrequest subrequest in subrequests)
        {
            if (subrequest.Headers.Count > 0)
                throw new ArgumentException("The subrequests of a batch have no headers of their own; a composite's have.", nameof(subrequests));
            string url = UrlOf(subrequest);
            if (!url.StartsWith(DataRoot, StringComparison.Ordinal))
                throw new ArgumentException($"The subrequests of a batch go below {DataRoot}.", nameof(subrequests));
            writer.WriteStartObject();
            writer.WriteString("method", subrequest.Method.Method);
            writer.WriteString("url", url[DataRoot.Length..]);
            WriteBody(writer, "richInput", subrequest);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    public static string GraphId(int index) => $"g{index + 1}";

    // What was deleted the first time would halt the rest the second time.
    private static bool IsRepeatable(IReadOnlyList<Subrequest> subrequests, bool haltOnError) =>
        subrequests.All(each => each.Repeatable && !(haltOnError && each.Method == HttpMethod.Delete));

    private static SalesforceRequest Post(string path, bool isRepeatable, Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(output, Format))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return new SalesforceRequest(HttpMethod.Post, path)
        {
            What = $"run {path}",
            Body = output.WrittenMemory,
            Repeatable = isRepeatable,
        };
    }

    private void WriteSubrequests(Utf8JsonWriter writer, CompositeRequest request)
    {
        writer.WriteStartArray("compositeRequest");
        foreach ((string referenceId, Subrequest subrequest) in request.Subrequests)
        {
            writer.WriteStartObject();
            writer.WriteString("method", subrequest.Method.Method);
            writer.WriteString("url", UrlOf(subrequest));
            writer.WriteString("referenceId", referenceId);
            WriteHeaders(writer, subrequest);
            WriteBody(writer, "body", subrequest);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private string UrlOf(Subrequest subrequest) =>
        subrequest.Path.StartsWith('/') ? subrequest.Path : $"{DataRoot}v{apiVersion}/{subrequest.Path}";

    private static void WriteHeaders(Utf8JsonWriter writer, Subrequest subrequest)
    {
        if (subrequest.Headers.Count == 0)
            return;
        writer.WriteStartObject("httpHeaders");
        foreach ((string name, string value) in subrequest.Headers)
            writer.WriteString(name, value);
        writer.WriteEndObject();
    }

    private static void WriteBody(Utf8JsonWriter writer, string name, Subrequest subrequest)
    {
        if (subrequest.Body is not { } body)
            return;
        writer.WritePropertyName(name);
        writer.WriteRawValue(body.Span);
    }
}
