using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest.Screens;

/// <summary>A list of all records of an object, which is the one list view that each has.</summary>
/// <param name="Type">The object.</param>
/// <param name="Id">18 characters.</param>
/// <param name="Columns">What is shown of each record; the first is sorted by.</param>
internal sealed record ListView(ObjectType Type, string Id, IReadOnlyList<Field> Columns)
{
    private const string Prefix = "00B";
    private const int MostColumns = 5;

    // A list view asks for them without showing them.
    private static readonly string[] Unseen = [SystemFields.Id, SystemFields.CreatedDate, SystemFields.LastModifiedDate, SystemFields.SystemModstamp];

    public string Name => $"All{Type.Name}";

    public string Label => $"All {Type.Label}s";

    /// <summary>What is shown, and then what is not.</summary>
    public IEnumerable<(Field Field, bool IsHidden)> All =>
        [.. Columns.Select(column => (column, false)), .. Unseen.Select(name => (Type.FieldsByName[name], true))];

    public string Soql => $"SELECT {string.Join(", ", All.Select(column => column.Field.Name))} FROM {Type.Name} " +
        $"ORDER BY {Columns[0].Name} ASC NULLS FIRST, Id ASC NULLS FIRST";

    public static ListView Of(Org org, ObjectType type) => new(
        type,
        SalesforceId.Number(Prefix, org.Schema.Objects.Values.Index().First(each => each.Item == type).Index + 1),
        [.. Screen.FieldsOf(org, type).Take(MostColumns)]);

    /// <summary>The list view of that id.</summary>
    public static ListView? Find(Org org, string id) => SalesforceId.Normalise(id) is { } normal
        ? org.Schema.Objects.Values.Select(type => Of(org, type)).FirstOrDefault(view => view.Id == normal)
        : null;
}
