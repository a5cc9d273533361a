using System.Text;

namespace SalesforceBridge.Messaging;

/// <summary>A column that a select route yields.</summary>
/// <param name="Name">Its alias; one that begins with <c>_</c> is metadata.</param>
/// <param name="Type">PostgreSQL's name of its type, without length and precision.</param>
public sealed record RouteColumn(string Name, string Type)
{
    /// <summary>Whether its type is an enumeration, whose values are texts.</summary>
    public bool IsEnum { get; init; }

    /// <summary>Whether it says something about the delivery instead of being sent.</summary>
    public bool IsMetadata => Name.StartsWith('_');

    internal bool IsJson => Type is "json" or "jsonb";

    internal bool IsSendable => !Unsendable.Contains(Type) && !Type.EndsWith("range", StringComparison.Ordinal) && !Type.StartsWith("bit", StringComparison.Ordinal);

    // These have no JSON form that Salesforce reads, so sending them would be a guess.
    private static readonly HashSet<string> Unsendable =
    [
        "bytea", "interval", "time with time zone", "money", "record", "xml", "tsvector", "tsquery",
        "point", "line", "lseg", "box", "path", "polygon", "circle", "inet", "cidr", "macaddr", "macaddr8", "oid", "xid", "pg_lsn",
    ];

    private bool NeedsWireForm =>
        Type is "timestamp with time zone" or "timestamp without time zone" or "time without time zone" || Type.EndsWith("[]", StringComparison.Ordinal);

    internal string Value(BridgeSchema schema, string row) =>
        NeedsWireForm ? $"{schema}.wire({row}.{BridgeSchema.Quote(Name)})" : $"to_jsonb({row}.{BridgeSchema.Quote(Name)})";
}

/// <summary>The columns of a select route, and how its rows become the JSON that is sent.</summary>
internal sealed class RouteShape(IReadOnlyList<RouteColumn> columns, bool omitNulls)
{
    // A function takes at most 100 arguments.
    private const int PairsPerCall = 48;

    public IReadOnlyList<RouteColumn> Columns { get; } = columns;

    public string Body(BridgeSchema schema, string row) =>
        Object([.. Columns.Where(column => !column.IsMetadata)], schema, row, omitNulls);

    public string Metadata(BridgeSchema schema, string row)
    {
        RouteColumn[] metadata = [.. Columns.Where(column => column.IsMetadata)];
        return metadata.Length == 0 ? "null::jsonb" : Object(metadata, schema, row, omit: true);
    }

    private static string Object(IReadOnlyList<RouteColumn> columns, BridgeSchema schema, string row, bool omit)
    {
        if (!omit)
            return Join(Objects(columns, schema, row));

        // Stripping nulls goes to any depth, so a column that is JSON itself is added unstripped.
        IEnumerable<string> plain = Objects([.. columns.Where(column => !column.IsJson)], schema, row).Select(part => $"jsonb_strip_nulls({part})");
        IEnumerable<string> json = columns.Where(column => column.IsJson).Select(column =>
            $"case when {row}.{BridgeSchema.Quote(column.Name)} is null then '{{}}'::jsonb else {Objects([column], schema, row).Single()} end");
        return Join(plain.Concat(json));
    }

    private static IEnumerable<string> Objects(IReadOnlyList<RouteColumn> columns, BridgeSchema schema, string row) =>
        columns.Chunk(PairsPerCall).Select(chunk =>
        {
            var call = new StringBuilder("jsonb_build_object(");
            call.AppendJoin(", ", chunk.Select(column => $"{BridgeSchema.Literal(column.Name)}, {column.Value(schema, row)}"));
            return call.Append(')').ToString();
        });

    private static string Join(IEnumerable<string> objects)
    {
        string joined = string.Join(" || ", objects.Select(part => $"({part})"));
        return joined.Length == 0 ? "'{}'::jsonb" : joined;
    }
}
