using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Records;

/// <summary>All rows of the org. Guarded by the org's lock.</summary>
internal sealed class RecordStore
{
    private readonly OrgSchema _schema;
    private readonly Dictionary<string, Table> _tables;

    public RecordStore(OrgSchema schema, DateTimeOffset now)
    {
        _schema = schema;
        _tables = schema.Objects.Values.ToDictionary(type => type.Name, type => new Table(type), StringComparer.OrdinalIgnoreCase);
        foreach (User user in schema.Users)
            this[schema.Objects["User"]].Put(ToRecord(user, now));
    }

    public Table this[ObjectType type] => _tables[type.Name];

    /// <summary>The row that a reference field of <paramref name="record"/> points to.</summary>
    public Record? Parent(Record record, Field reference) =>
        record[reference] is string id ? this[_schema.Objects[reference.ReferenceTo!]].Find(id) : null;

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
