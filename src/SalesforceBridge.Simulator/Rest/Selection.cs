using System.Text.Json;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;
using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>What a query selects, as the tree in which it is shown: parents are objects within objects, children are results within them.</summary>
internal sealed class Selection
{
    // In the order of first mention: a field of the row itself (no selection), or a parent with its own.
    private readonly List<(Field Field, Selection? Parent)> _members = [];
    private readonly ChildResults[] _children = [];

    private Selection()
    {
    }

    public Selection(IEnumerable<FieldPath> paths)
    {
        foreach (FieldPath path in paths)
        {
            Selection owner = this;
            foreach (Field reference in path.Parents)
                owner = owner.ParentThrough(reference);
            owner._members.Add((path.Field!, null));
        }
    }

    /// <param name="query">Bound.</param>
    /// <param name="paging">Where the rest of a long list of children stays; nothing: all of it is shown.</param>
    public Selection(SoqlQuery query, ChildPaging? paging = null)
        : this(query.Select) => _children = [.. query.Children.Select(child => new ChildResults(child, paging))];

    public void Write(Utf8JsonWriter json, Record record, RecordStore store, string root)
    {
        json.WriteStartObject();
        RecordJson.WriteAttributes(json, record, root);
        foreach ((Field field, Selection? parent) in _members)
        {
            if (parent is null)
                RecordJson.WriteField(json, record, field, root);
            else
                WriteParent(json, parent, field, store.Parent(record, field), store, root);
        }
        foreach (ChildResults child in _children)
            child.Write(json, record, store, root);
        json.WriteEndObject();
    }

    private static void WriteParent(Utf8JsonWriter json, Selection selection, Field reference, Record? parent, RecordStore store, string root)
    {
        json.WritePropertyName(reference.RelationshipName!);
        if (parent is null)
            json.WriteNullValue();
        else
            selection.Write(json, parent, store, root);
    }

    private Selection ParentThrough(Field reference)
    {
        foreach ((Field field, Selection? parent) in _members)
        {
            if (field == reference && parent is not null)
                return parent;
        }
        var added = new Selection();
        _members.Add((reference, added));
        return added;
    }
}
