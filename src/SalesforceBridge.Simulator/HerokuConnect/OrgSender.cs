using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.HerokuConnect;

/// <summary>Makes an app's changes in the org, each an operation of its own, under the rules that any client of the API is under.</summary>
internal sealed class OrgSender(Org org, User user)
{
    private const string Origin = "com/salesforce/api/soap/62.0;client=HerokuConnect";

    /// <summary>Nothing: no field that the org takes is in the entry.</summary>
    public WriteOutcome? Send(Mapping mapping, LogEntry entry)
    {
        (ApiCallKind kind, Func<OrgTransaction, WriteOutcome>? write) = entry switch
        {
            { Action: "DELETE", Sfid: { } sfid } => (ApiCallKind.Delete, transaction => transaction.Delete(mapping.Type, sfid)),
            { Action: "DELETE" } => (ApiCallKind.Delete, null),
            { Sfid: { } sfid } => Update(mapping, entry, sfid),
            { Action: "INSERT" } => Insert(mapping, entry),
            // As with Ordered Writes: what follows a refused insert fails until that is put right.
            _ => (ApiCallKind.Update, _ => new WriteOutcome.Refused(new ApiError("MISSING_ARGUMENT", "Id not specified in an update call", SystemFields.Id))),
        };
        return write is null ? null : Call(kind, write);
    }

    private static (ApiCallKind, Func<OrgTransaction, WriteOutcome>?) Update(Mapping mapping, LogEntry entry, string sfid)
    {
        Dictionary<string, object?> fields = Fields(mapping, entry, creating: false);
        return (ApiCallKind.Update, fields.Count == 0 ? null : transaction => transaction.Update(mapping.Type, sfid, ToJson(fields)));
    }

    private static (ApiCallKind, Func<OrgTransaction, WriteOutcome>) Insert(Mapping mapping, LogEntry entry)
    {
        Dictionary<string, object?> fields = Fields(mapping, entry, creating: true);
        if (mapping.Key is { } key && fields.Remove(key.Field.Name, out object? value) && value is string { Length: > 0 } text)
            return (ApiCallKind.Upsert, transaction => transaction.Upsert(mapping.Type, key.Field, FieldValue.Parse(key.Field, text)!, ToJson(fields)));
        return (ApiCallKind.Create, transaction => transaction.Create(mapping.Type, ToJson(fields)));
    }

    // A new row's empty columns are left to the org's defaults.
    private static Dictionary<string, object?> Fields(Mapping mapping, LogEntry entry, bool creating)
    {
        Dictionary<string, object?> fields = [];
        foreach (MappedColumn column in mapping.Columns.Where(column => column.IsSent(creating)))
        {
            if (!entry.Values.TryGetValue(column.Name, out string? text) || (text is null && creating))
                continue;
            (string name, object? value) = column.ToSalesforce(text);
            fields[name] = value;
        }
        return fields;
    }

    private WriteOutcome Call(ApiCallKind kind, Func<OrgTransaction, WriteOutcome> write)
    {
        long call = org.Ledger.NextCall();
        WriteOutcome outcome = Write(new Actor(user, call, Origin), write);
        org.Ledger.Record(new ReceivedCall(call, kind, user.Username, outcome is WriteOutcome.Refused refused ? refused.Status : StatusCodes.Status200OK));
        return outcome;
    }

    private WriteOutcome Write(Actor actor, Func<OrgTransaction, WriteOutcome> write)
    {
        try
        {
            return org.Write(actor, write);
        }
        catch (ApiException refused)
        {
            return new WriteOutcome.Refused(refused.Error, refused.Status);
        }
    }

    private static JsonElement ToJson(Dictionary<string, object?> fields) => JsonSerializer.SerializeToElement(fields);
}
