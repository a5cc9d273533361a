using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest.Composite;

/// <summary>Tree: up to 200 new records with their children in one call, all or none.</summary>
internal sealed class TreeEndpoint(Org org)
{
    public void Map(RouteGroupBuilder api) => api.MapPost("/composite/tree/{type}", RunAsync).Is(ApiCallKind.CompositeTree);

    private async Task<IResult> RunAsync(HttpContext context, string type, CancellationToken ct)
    {
        ObjectType target = org.Schema.Require(type);
        var tree = new TreeReader(org.Schema);
        tree.Read(await context.Request.ReadJsonAsync(ct), target);
        return tree.Errors.Count > 0
            ? Refuse(tree.Errors)
            : org.Write(context.Call().Actor, transaction => Create(transaction, tree.Nodes));
    }

    private static JsonReply Create(OrgTransaction transaction, IReadOnlyList<TreeNode> nodes)
    {
        Dictionary<TreeNode, string> ids = new(ReferenceEqualityComparer.Instance);
        List<TreeError> errors = [];
        // What hangs on a record that was refused is not tried.
        foreach (TreeNode node in nodes.Where(node => node.Parent is null || ids.ContainsKey(node.Parent)))
        {
            WriteOutcome outcome = Create(transaction, node, node.Parent is null ? null : ids[node.Parent]);
            if (outcome is WriteOutcome.Refused refused)
                errors.Add(new TreeError(node.ReferenceId, refused.Error));
            else
                ids[node] = outcome.RecordId!;
        }
        if (errors.Count == 0)
            return Created(nodes, ids);
        transaction.RollBack();
        return Refuse(errors);
    }

    private static WriteOutcome Create(OrgTransaction transaction, TreeNode node, string? parentId)
    {
        try
        {
            return transaction.Create(node.Type, node.FieldsUnder(parentId));
        }
        catch (ApiException unreadable)
        {
            return new WriteOutcome.Refused(unreadable.Error);
        }
    }

    private static JsonReply Created(IReadOnlyList<TreeNode> nodes, Dictionary<TreeNode, string> ids) =>
        Answer(StatusCodes.Status201Created, hasErrors: false, json =>
        {
            foreach (TreeNode node in nodes)
            {
                json.WriteStartObject();
                json.WriteString("referenceId", node.ReferenceId);
                json.WriteString("id", ids[node]);
                json.WriteEndObject();
            }
        });

    // Only the records at fault are named.
    private static JsonReply Refuse(IReadOnlyList<TreeError> errors) =>
        Answer(StatusCodes.Status400BadRequest, hasErrors: true, json =>
        {
            foreach (TreeError error in errors)
            {
                json.WriteStartObject();
                json.WriteString("referenceId", error.ReferenceId);
                json.WriteStartArray("errors");
                error.Error.Write(json, codeName: "statusCode");
                json.WriteEndArray();
                json.WriteEndObject();
            }
        });

    private static JsonReply Answer(int status, bool hasErrors, Action<Utf8JsonWriter> writeResults) => JsonReply.Of(status, json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("hasErrors", hasErrors);
        json.WriteStartArray("results");
        writeResults(json);
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
