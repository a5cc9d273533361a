using System.Text.Json;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>How long a list of children may be, and what keeps the rest of it.</summary>
/// <param name="Size">How many children a page holds.</param>
/// <param name="Keep">Gives the children of a row a cursor; returns its id.</param>
internal sealed record ChildPaging(int Size, Func<SoqlQuery, IReadOnlyList<Record>, string> Keep);

/// <summary>The children of each row of a page: a query's result within the row, or null when it has none.</summary>
/// <param name="query">A child query, bound.</param>
/// <param name="paging">Nothing: a list has all children, however many.</param>
internal sealed class ChildResults(SoqlQuery query, ChildPaging? paging)
{
    private readonly Selection _selection = new(query, paging);
    private SoqlQuery? _prepared;
    private ILookup<string?, Record>? _byParent;

    public void Write(Utf8JsonWriter json, Record parent, RecordStore store, string root)
    {
        json.WritePropertyName(query.From);
        IReadOnlyList<Record> children = ChildrenOf(parent, store);
        if (children.Count == 0)
        {
            json.WriteNullValue();
            return;
        }
        int shown = Math.Min(children.Count, paging?.Size ?? int.MaxValue);
        json.WriteStartObject();
        json.WriteNumber("totalSize", children.Count);
        json.WriteBoolean("done", shown == children.Count);
        if (shown < children.Count)
            json.WriteString("nextRecordsUrl", $"{root}/query/{paging!.Keep(query, children)}-{shown}");
        json.WriteStartArray("records");
        foreach (Record child in children.Take(shown))
            _selection.Write(json, child, store, root);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // Sorted by parent once for the whole page.
    private IReadOnlyList<Record> ChildrenOf(Record parent, RecordStore store)
    {
        _prepared ??= SoqlRunner.Prepare(query, store);
        _byParent ??= store[query.Type!].Rows.Where(row => !row.IsDeleted).ToLookup(row => row[query.Reference!] as string);
        return SoqlRunner.Run(_prepared, _byParent[parent.Id], store);
    }
}
