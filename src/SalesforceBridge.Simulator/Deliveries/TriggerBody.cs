using System.Text;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Deliveries;

/// <summary>Writes a trigger's records as Apex serialises them: the fields that have a value, after their attributes.</summary>
internal static class TriggerBody
{
    private const string Root = "/services/data/v62.0";

    public static byte[] Write(ApexForm form, Operation operation, IReadOnlyList<RecordChange> records, User user)
    {
        byte[] now = Serialise(operation is Operation.Delete ? [] : records.Select(change => change.After));
        byte[] before = Serialise(operation is Operation.Insert ? [] : records.Select(change => change.Before!));
        // The generated code glues text together, with a space after each colon and comma.
        string gap = form is ApexForm.WebhookCreator ? " " : "";
        return
        [
            .. Encoding.UTF8.GetBytes($"{{\"new\":{gap}"), .. now,
            .. Encoding.UTF8.GetBytes($",{gap}\"old\":{gap}"), .. before,
            .. Encoding.UTF8.GetBytes($",{gap}\"userId\":{gap}\"{user.Id}\"}}"),
        ];
    }

    private static byte[] Serialise(IEnumerable<Record> records) => OrgJson.Write(json =>
    {
        json.WriteStartArray();
        foreach (Record record in records)
            RecordJson.Write(json, record, record.Type.Fields.Where(field => record[field] is not null), Root);
        json.WriteEndArray();
    });
}
