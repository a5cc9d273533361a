using System.Text.Json;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest.Composite;

/// <summary>A record of a tree.</summary>
/// <param name="Type">What it is to become.</param>
/// <param name="ReferenceId">By what the answer names it.</param>
/// <param name="Sent">As it was sent, its children and all.</param>
/// <param name="Parent">The record that it hangs on; nothing at the root.</param>
/// <param name="Link">The field that refers to the parent.</param>
internal sealed record TreeNode(ObjectType Type, string ReferenceId, JsonElement Sent, TreeNode? Parent, Field? Link)
{
    public int Level => Parent is null ? 1 : Parent.Level + 1;

    public static bool HoldsChildren(JsonElement value) =>
        value.ValueKind is JsonValueKind.Object && value.TryGetProperty("records", out JsonElement records) && records.ValueKind is JsonValueKind.Array;

    /// <summary>The record's own fields, with the id of its parent.</summary>
    public JsonElement FieldsUnder(string? parentId)
    {
        JsonReply fields = JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            foreach (JsonProperty property in Sent.EnumerateObject().Where(property => !HoldsChildren(property.Value)))
                property.WriteTo(json);
            if (Link is not null)
                json.WriteString(Link.Name, parentId);
            json.WriteEndObject();
        });
        using JsonDocument document = JsonDocument.Parse(fields.Body);
        return document.RootElement.Clone();
    }
}

/// <summary>Reads a tree, parents before their children, and notes what is wrong with it.</summary>
internal sealed class TreeReader(OrgSchema schema)
{
    private const int MaxRecords = 200;
    private const int MaxTypes = 5;
    private const int MaxLevels = 5;

    private readonly List<TreeNode> _nodes = [];
    private readonly List<TreeError> _errors = [];

    public IReadOnlyList<TreeNode> Nodes => _nodes;

    public IReadOnlyList<TreeError> Errors => _errors;

    /// <exception cref="ApiException">There are no records.</exception>
    public void Read(JsonElement sent, ObjectType type)
    {
        foreach (JsonElement record in SubrequestReader.ReadArray(sent, "records"))
            Read(record, type, parent: null, link: null);
        foreach (IGrouping<string, TreeNode> same in _nodes.GroupBy(node => node.ReferenceId).Where(group => group.Skip(1).Any()))
            _errors.AddRange(same.Select(node => Wrong(node.ReferenceId, "Duplicate ReferenceId provided in the request.")));
        Limit(_nodes.ElementAtOrDefault(MaxRecords), $"{MaxRecords} records");
        Limit(_nodes.Find(node => node.Level > MaxLevels), $"{MaxLevels} levels");
        Limit(_nodes.DistinctBy(node => node.Type).ElementAtOrDefault(MaxTypes), $"{MaxTypes} types of records");
    }

    private void Read(JsonElement record, ObjectType type, TreeNode? parent, Field? link)
    {
        JsonElement attributes = record.ValueKind is JsonValueKind.Object && record.TryGetProperty("attributes", out JsonElement found) ? found : default;
        string referenceId = SubrequestReader.Text(attributes, "referenceId") ?? "";
        if (referenceId.Length == 0)
            _errors.Add(Wrong(referenceId, "Include a reference ID for each record in the request."));
        if (!type.Name.Equals(SubrequestReader.Text(attributes, "type"), StringComparison.OrdinalIgnoreCase))
            _errors.Add(Wrong(referenceId, $"The record must be of type {type.Name}."));
        if (record.ValueKind is not JsonValueKind.Object)
            return;
        var node = new TreeNode(type, referenceId, record, parent, link);
        _nodes.Add(node);
        foreach (JsonProperty children in record.EnumerateObject().Where(property => TreeNode.HoldsChildren(property.Value)))
            ReadChildren(node, children);
    }

    private void ReadChildren(TreeNode parent, JsonProperty children)
    {
        (ObjectType? type, Field? link) = ChildrenOf(parent.Type, children.Name);
        if (type is null)
        {
            _errors.Add(new TreeError(parent.ReferenceId, ApiError.NoSuchColumn(children.Name, parent.Type.Name)));
            return;
        }
        foreach (JsonElement child in children.Value.GetProperty("records").EnumerateArray())
            Read(child, type, parent, link);
    }

    private (ObjectType? Type, Field? Link) ChildrenOf(ObjectType parent, string relationship) => (
        from child in schema.Objects.Values
        from field in child.Fields
        where string.Equals(field.ReferenceTo, parent.Name, StringComparison.OrdinalIgnoreCase)
            && string.Equals(field.ChildRelationshipName, relationship, StringComparison.OrdinalIgnoreCase)
        select (child, field)).FirstOrDefault();

    private void Limit(TreeNode? beyond, string limit)
    {
        if (beyond is not null)
            _errors.Add(Wrong(beyond.ReferenceId, $"The request can’t contain more than {limit}."));
    }

    private static TreeError Wrong(string referenceId, string why) => new(referenceId, new ApiError("INVALID_INPUT", why));
}

/// <summary>What is wrong with a record of a tree.</summary>
internal sealed record TreeError(string ReferenceId, ApiError Error);
