using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.Rest.Composite;

/// <summary>Graph: composites of single records side by side, 500 requests in all, each composite all or none.</summary>
internal sealed class GraphEndpoint(Org org, Resources resources)
{
    private const int MaxGraphs = 75;
    private const int MaxNodes = 500;
    private const int MaxDepth = 15;
    private const int MaxKinds = 15;

    /// <summary>How many graphs may fail before the rest is not run.</summary>
    private const int MaxFailures = 14;

    public void Map(RouteGroupBuilder api) => api.MapPost("/composite/graph", RunAsync).Is(ApiCallKind.CompositeGraph);

    private async Task<IResult> RunAsync(HttpContext context, CancellationToken ct)
    {
        Graph[] graphs = [.. SubrequestReader.ReadArray(await context.Request.ReadJsonAsync(ct), "graphs").Select(Graph.Read)];
        Check(graphs);
        var run = new CompositeRun(org, resources, context.Call());
        List<GraphReply> replies = [];
        foreach (Graph graph in graphs)
        {
            replies.Add(new GraphReply(graph.Id, replies.Count(reply => reply.HasFailed) > MaxFailures
                ? [.. graph.Nodes.Select(node => SubrequestReply.Halted(node, $"Processing was halted since more than {MaxFailures} graphs failed."))]
                : run.Together(graph.Nodes)));
        }
        return JsonReply.Of(StatusCodes.Status200OK, json => Write(json, replies));
    }

    private static void Check(Graph[] graphs)
    {
        Limit(graphs.Length, MaxGraphs, "graphs");
        Limit(graphs.Sum(graph => graph.Nodes.Count), MaxNodes, "nodes");
        foreach (Graph graph in graphs)
        {
            Limit(graph.Depth, MaxDepth, $"levels in graph '{graph.Id}'");
            Limit(graph.Kinds, MaxKinds, $"kinds of nodes in graph '{graph.Id}'");
            foreach (Subrequest node in graph.Nodes.Where(node => ResourceAddress.Parse(node.Url).Kind is not ResourceKind.Record))
                throw SubrequestReader.Wrong($"A graph takes single records only; '{node.ReferenceId}' asks for something else");
        }
        foreach (IGrouping<string, Graph> same in graphs.GroupBy(graph => graph.Id).Where(group => group.Skip(1).Any()))
            throw SubrequestReader.Wrong($"The graphId '{same.Key}' is there more than once; each graph needs one of its own");
    }

    private static void Limit(int count, int max, string what)
    {
        if (count > max)
            throw new ApiException(400, new ApiError("LIMIT_EXCEEDED", $"The request can’t contain more than {max} {what}."));
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<GraphReply> replies)
    {
        json.WriteStartObject();
        json.WriteStartArray("graphs");
        foreach (GraphReply reply in replies)
        {
            json.WriteStartObject();
            json.WriteString("graphId", reply.Id);
            json.WriteStartObject("graphResponse");
            SubrequestReply.Write(json, reply.Replies);
            json.WriteEndObject();
            json.WriteBoolean("isSuccessful", !reply.HasFailed);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private sealed record GraphReply(string Id, IReadOnlyList<SubrequestReply> Replies)
    {
        public bool HasFailed => Replies.Any(reply => reply.Reply.HasFailed);
    }

    private sealed record Graph(string Id, IReadOnlyList<Subrequest> Nodes)
    {
        /// <summary>How many nodes follow from one another at most.</summary>
        public int Depth
        {
            get
            {
                Dictionary<string, int> levels = new(StringComparer.Ordinal);
                foreach (Subrequest node in Nodes)
                    levels[node.ReferenceId!] = 1 + References.NamesIn(node).Select(name => levels.GetValueOrDefault(name)).DefaultIfEmpty().Max();
                return levels.Values.DefaultIfEmpty().Max();
            }
        }

        /// <summary>How many pairs of verb and object there are.</summary>
        public int Kinds => Nodes.Select(node => (node.Method, ResourceAddress.Parse(node.Url).Path.ElementAtOrDefault(1))).Distinct().Count();

        public static Graph Read(JsonElement sent) => new(
            SubrequestReader.Text(sent, "graphId") ?? throw new ApiException(400, ApiError.Unreadable("A graph needs a graphId")),
            SubrequestReader.ReadReferenced(sent));
    }
}
