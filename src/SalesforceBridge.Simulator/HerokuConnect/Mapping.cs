using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.HerokuConnect;

/// <summary>A mapped object: its table, and how far that follows the org.</summary>
internal sealed class Mapping
{
    /// <summary>The state of one that is busy with nothing.</summary>
    public const string Synced = "DATA_SYNCED";

    public Mapping(OrgSchema schema, MappingOptions options, string schemaName)
    {
        Type = schema.Objects.GetValueOrDefault(options.Object)
            ?? throw new ArgumentException($"The org has no object '{options.Object}'.", nameof(options));
        Options = options;
        Columns = MappedColumn.Of(schema, Type, options);
        Table = Type.Name.ToLowerInvariant();
        QualifiedName = $"{Names.Quote(schemaName)}.{Names.Quote(Table)}";
        Key = options.UpsertField is null ? null : Columns.FirstOrDefault(column => column.Lookup is null && Same(column.Field.Name, options.UpsertField));
        if (options.UpsertField is not null && Key is not { Field: { Unique: true, ExternalId: true } })
            throw new ArgumentException($"'{options.UpsertField}' is no unique external id among the mapped fields of {Type.Name}.", nameof(options));
    }

    /// <summary>By which the API knows it.</summary>
    public string Id { get; } = Guid.CreateVersion7().ToString();

    public MappingOptions Options { get; }

    public ObjectType Type { get; }

    public IReadOnlyList<MappedColumn> Columns { get; }

    /// <summary>The column of the upsert field.</summary>
    public MappedColumn? Key { get; }

    /// <summary>The table's bare name, as log entries have it.</summary>
    public string Table { get; }

    /// <summary>The table's name with its schema, quoted.</summary>
    public string QualifiedName { get; }

    public bool IsReadWrite => Options.Access is MappingAccess.ReadWrite;

    /// <summary>What of the org is in the table, by record id. A record never changes, so one that is another object is newer.</summary>
    public Dictionary<string, Record> Applied { get; } = [];

    /// <summary>What the API tells of it.</summary>
    public string State => Pretended ?? Doing;

    /// <summary>What it is busy with.</summary>
    public string Doing { get; set; } = Synced;

    /// <summary>What a test wants it to tell instead.</summary>
    public string? Pretended { get; set; }

    public DateTimeOffset? ReadAt { get; set; }

    public DateTimeOffset? WrittenAt { get; set; }

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
