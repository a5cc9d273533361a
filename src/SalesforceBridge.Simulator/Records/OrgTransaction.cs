using System.Globalization;
using System.Text.Json;
using SalesforceBridge.Simulator.Events;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Records;

/// <summary>The writes of one call. Its changes are streamed together when it commits.</summary>
internal sealed class OrgTransaction(Org org, RecordStore store, Actor actor)
{
    private readonly List<RecordChange> _changes = [];
    private readonly List<(ObjectType Type, EventDraft Draft)> _events = [];
    private readonly List<ReceivedWrite> _writes = [];
    private readonly FieldInput _input = new(org, store, actor.User);
    private readonly RecordCheck _check = new(org.Schema, store);
    private readonly SaveRules _rules = new(org.Schema, store, actor);

    /// <summary>What its records are stamped with, in whole seconds as everywhere in Salesforce.</summary>
    public DateTimeOffset Now { get; set => field = Second(value); } = Second(org.Now);

    /// <summary>Where it stands; <see cref="RollBack"/> returns to such a point.</summary>
    public TransactionPoint Point => new(_changes.Count, _events.Count, _writes.Count);

    /// <summary>Whether its caller undoes all of it when a part fails; collections in it are then all or none, whatever they ask for.</summary>
    public bool IsAllOrNone { get; set; }

    public RecordStore Store => store;

    /// <summary>Creates a record, or publishes when the type is an event.</summary>
    /// <exception cref="ApiException">What was sent cannot be read.</exception>
    public WriteOutcome Create(ObjectType type, JsonElement sent)
    {
        Dictionary<string, object?> values = _input.Read(type, sent, creating: true);
        WriteOutcome outcome = type.IsEvent ? Publish(type, values) : Refusal(type, id: null) ?? Insert(type, values);
        Note(type.IsEvent ? ApiCallKind.Publish : ApiCallKind.Create, type, outcome.RecordId, sent, outcome);
        return outcome;
    }

    /// <exception cref="ApiException">What was sent cannot be read.</exception>
    public WriteOutcome Update(ObjectType type, string id, JsonElement sent)
    {
        Dictionary<string, object?> values = _input.Read(type, sent, creating: false);
        WriteOutcome outcome = Refusal(type, id) ?? Missing(type, id) ?? Change(store[type].Find(id)!, values);
        Note(ApiCallKind.Update, type, id, sent, outcome);
        return outcome;
    }

    /// <summary>Updates the one record whose external id has that value, or creates it. Several: MULTIPLE, status 300.</summary>
    /// <exception cref="ApiException">What was sent cannot be read.</exception>
    public WriteOutcome Upsert(ObjectType type, Field key, object value, JsonElement sent)
    {
        IReadOnlyList<Record> found = store[type].FindBy(key, value);
        Dictionary<string, object?> values = _input.Read(type, sent, creating: found.Count == 0);
        values[key.Name] = value;
        WriteOutcome outcome = Refusal(type, found.Count > 0 ? found[0].Id : null) ?? found.Count switch
        {
            0 => Insert(type, values),
            1 => Change(found[0], values),
            _ => new WriteOutcome.Refused(
                new ApiError("DUPLICATE_EXTERNAL_ID", $"{key.Label}: more than one record found for external id field: [{string.Join(", ", found.Select(record => record.Id))}]"), 300),
        };
        Note(ApiCallKind.Upsert, type, outcome.RecordId ?? (found.Count > 0 ? found[0].Id : null), sent, outcome);
        return outcome;
    }

    public WriteOutcome Delete(ObjectType type, string id)
    {
        WriteOutcome? refusal = Refusal(type, id) ?? Missing(type, id);
        WriteOutcome outcome = refusal ?? Bin(store[type].Find(id)!);
        Note(ApiCallKind.Delete, type, id, default, outcome);
        return outcome;
    }

    /// <summary>Undoes what was done since a point, events not yet published included. The ledger hears of these writes as refused.</summary>
    public void RollBack(TransactionPoint point = default)
    {
        for (int last = _changes.Count - 1; last >= point.Changes; last--)
        {
            if (_changes[last].Before is { } before)
                store[before.Type].Put(before);
            else
                store[_changes[last].After.Type].Remove(_changes[last].After);
        }
        _changes.RemoveRange(point.Changes, _changes.Count - point.Changes);
        _events.RemoveRange(point.Events, _events.Count - point.Events);
        for (int write = point.Writes; write < _writes.Count; write++)
            _writes[write] = _writes[write] with { Error = _writes[write].Error ?? ApiError.RolledBack.Code };
    }

    /// <summary>Tells what happened: platform events, then change events, then push topics; others are called later.</summary>
    public void Commit()
    {
        TellLedger();
        foreach (IGrouping<ObjectType, (ObjectType Type, EventDraft Draft)> events in _events.GroupBy(entry => entry.Type))
        {
            EventDraft[] drafts = [.. events.Select(entry => entry.Draft)];
            org.Bus.Publish(events.Key.Name, drafts, stored =>
                org.Ledger.Record(PlatformEvents.ToLedger(events.Key.Name, stored, actor.User)));
        }
        if (_changes.Count == 0)
            return;
        ChangeEvents.Publish(org, actor, _changes);
        TopicNotifications.Publish(org, store, _changes);
        foreach (RecordChange change in _changes)
            org.Channels.Take(change.Before, change.After);
        org.Deliveries.Take(_changes, store, actor.User);
    }

    /// <summary>Tells the ledger of every write that was tried, once the transaction is over.</summary>
    public void TellLedger()
    {
        foreach (ReceivedWrite write in _writes)
            org.Ledger.Record(order => write with { Order = order });
    }

    /// <summary>A moment without its parts of a second.</summary>
    public static DateTimeOffset Second(DateTimeOffset moment) => new(moment.UtcTicks - (moment.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);

    private WriteOutcome Publish(ObjectType type, Dictionary<string, object?> values)
    {
        if (org.Faults.Strike<Fault.PublishLimitExceeded>() is not null)
            return new WriteOutcome.Refused(new ApiError("LIMIT_EXCEEDED", "Hourly published platform events limit exceeded"));
        ApplyDefaults(type, values);
        if (_check.Fields(type, values, creating: true) is { } error)
            return new WriteOutcome.Refused(error);
        EventDraft draft = PlatformEvents.Draft(org.EventSchemas[type.Name], type, values, actor.User, org.Now);
        _events.Add((type, draft));
        return new WriteOutcome.Enqueued(SalesforceId.Number(type.KeyPrefix, 1), draft.Uuid!);
    }

    private WriteOutcome Insert(ObjectType type, Dictionary<string, object?> values)
    {
        ApplyDefaults(type, values);
        if ((_check.Fields(type, values, creating: true) ?? _rules.Duplicate(type, values)) is { } error)
            return new WriteOutcome.Refused(error);
        if (_rules.OwnerOf(type) is { } owner)
            values[SystemFields.OwnerId] = owner.Id;
        long number = store[type].NextNumber();
        string id = SalesforceId.Number(type.KeyPrefix, number);
        foreach (Field field in type.Fields.Where(field => field.Type is FieldType.AutoNumber))
            values[field.Name] = AutoNumber(field, number);
        if (type.FieldsByName.ContainsKey(SystemFields.OwnerId))
            values.TryAdd(SystemFields.OwnerId, actor.User.Id);
        values[SystemFields.Id] = id;
        values[SystemFields.IsDeleted] = false;
        values[SystemFields.CreatedDate] = Now;
        values[SystemFields.CreatedById] = actor.User.Id;
        return Keep(null, new Record(type, id, Stamp(values)), []);
    }

    private WriteOutcome Change(Record before, Dictionary<string, object?> values)
    {
        if (_check.Fields(before.Type, values, creating: false) is { } error)
            return new WriteOutcome.Refused(error);
        Field[] changed = [.. before.Type.Fields.Where(field =>
            values.TryGetValue(field.Name, out object? value) && !Equals(value, before[field]))];
        return Keep(before, before.With(Stamp(values)), changed);
    }

    private WriteOutcome.Written Bin(Record before)
    {
        Record after = before.With(Stamp(new Dictionary<string, object?> { [SystemFields.IsDeleted] = true }));
        store[before.Type].Put(after);
        _changes.Add(new RecordChange(before, after, []));
        return new WriteOutcome.Written(before.Id, Created: false);
    }

    private WriteOutcome Keep(Record? before, Record after, IReadOnlyList<Field> changed)
    {
        if (_check.Row(after) is { } error)
            return new WriteOutcome.Refused(error);
        store[after.Type].Put(after);
        _changes.Add(new RecordChange(before, after, changed));
        return new WriteOutcome.Written(after.Id, Created: before is null);
    }

    private WriteOutcome.Refused? Refusal(ObjectType type, string? id)
    {
        if (type.ReadOnly)
            return new WriteOutcome.Refused(new ApiError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id"));
        if (actor.Call is not null && org.Faults.Strike<Fault.LockedRow>(locked => locked.Object is null || locked.Object == type.Name) is not null)
            return new WriteOutcome.Refused(new ApiError("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records: " + id));
        return null;
    }

    private WriteOutcome.Refused? Missing(ObjectType type, string id) => store[type].Find(id) switch
    {
        { IsDeleted: false } => null,
        { IsDeleted: true } => new WriteOutcome.Refused(ApiError.IsDeleted, 404),
        _ => new WriteOutcome.Refused(ApiError.NotFound, 404),
    };

    private static void ApplyDefaults(ObjectType type, Dictionary<string, object?> values)
    {
        foreach (Field field in type.Fields)
        {
            if (field.Default is not null)
                values.TryAdd(field.Name, FieldValue.Parse(field, field.Default));
            // A checkbox is never null.
            else if (field.Type is FieldType.Boolean && values.GetValueOrDefault(field.Name) is null)
                values[field.Name] = false;
        }
    }

    private Dictionary<string, object?> Stamp(Dictionary<string, object?> values)
    {
        values[SystemFields.LastModifiedDate] = Now;
        values[SystemFields.LastModifiedById] = actor.User.Id;
        values[SystemFields.SystemModstamp] = Now;
        return values;
    }

    private static string AutoNumber(Field field, long number)
    {
        string format = field.Format ?? "{0}";
        int open = format.IndexOf('{');
        int close = format.IndexOf('}');
        return format[..open] + number.ToString(format[(open + 1)..close], CultureInfo.InvariantCulture) + format[(close + 1)..];
    }

    private void Note(ApiCallKind kind, ObjectType type, string? id, JsonElement sent, WriteOutcome outcome)
    {
        if (actor.Call is not { } call || type.IsEvent)
            return;
        JsonElement fields = sent.ValueKind is JsonValueKind.Undefined ? default : sent.Clone();
        string? error = (outcome as WriteOutcome.Refused)?.Error.Code;
        _writes.Add(new ReceivedWrite(Order: 0, call, actor.User.Username, kind, type.Name, id, fields, error));
    }
}

/// <summary>A row before and after; <paramref name="Before"/> is nothing for a new one.</summary>
internal sealed record RecordChange(Record? Before, Record After, IReadOnlyList<Field> Changed)
{
    public Operation Operation => Before is null ? Operation.Insert : After.IsDeleted ? Operation.Delete : Operation.Update;
}

/// <summary>How many changes, events and writes a transaction held at a moment.</summary>
internal readonly record struct TransactionPoint(int Changes, int Events, int Writes);
