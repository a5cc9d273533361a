using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Records;

/// <summary>All rows of the org. Guarded by the org's lock.</summary>
internal sealed class RecordStore
{
    private readonly OrgSchema _schema;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, Table> _tables;

    public RecordStore(OrgSchema schema, TimeProvider clock)
    {
        (_schema, _clock) = (schema, clock);
        _tables = schema.Objects.Values.ToDictionary(type => type.Name, type => new Table(type), StringComparer.OrdinalIgnoreCase);
        foreach (User user in schema.Users)
            this[schema.Objects["User"]].Put(ToRecord(user, Now));
        foreach ((string type, IReadOnlyDictionary<string, object?> values) in schema.RecordChannels)
            this[schema.Objects[type]].Put(ToRecord(schema.Objects[type], values));
    }

    public DateTimeOffset Now => _clock.GetUtcNow();

    /// <summary>The rows that are channels.</summary>
    public IEnumerable<Record> Channels =>
        new[] { SystemObjects.PushTopic, SystemObjects.StreamingChannel }.SelectMany(type => this[_schema.Objects[type]].Rows);

    public Table this[ObjectType type] => _tables[type.Name];

    /// <summary>The row that a reference field of <paramref name="record"/> points to.</summary>
    public Record? Parent(Record record, Field reference) =>
        record[reference] is string id ? this[_schema.Objects[reference.ReferenceTo!]].Find(id) : null;

    private Record ToRecord(ObjectType type, IReadOnlyDictionary<string, object?> declared)
    {
        string id = SalesforceId.Number(type.KeyPrefix, this[type].NextNumber());
        User user = _schema.Users[0];
        return new Record(type, id, new Dictionary<string, object?>(declared, StringComparer.OrdinalIgnoreCase)
        {
            [SystemFields.Id] = id,
            [SystemFields.IsDeleted] = false,
            [SystemFields.CreatedDate] = Now,
            [SystemFields.CreatedById] = user.Id,
            [SystemFields.LastModifiedDate] = Now,
            [SystemFields.LastModifiedById] = user.Id,
            [SystemFields.SystemModstamp] = Now,
        });
    }

    private Record ToRecord(User user, DateTimeOffset now) =>
        new(_schema.Objects["User"], user.Id, new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase)
        {
            [SystemFields.Id] = user.Id,
            ["Username"] = user.Username,
            ["Name"] = user.Name,
            ["Email"] = user.Email,
            ["IsActive"] = user.Active,
            [SystemFields.IsDeleted] = false,
            [SystemFields.CreatedDate] = now,
            [SystemFields.CreatedById] = user.Id,
            [SystemFields.LastModifiedDate] = now,
            [SystemFields.LastModifiedById] = user.Id,
            [SystemFields.SystemModstamp] = now,
        });
}
