using System.Buffers;
using System.Text.Json;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Bulk;

/// <summary>Makes of a row of CSV what a REST client would have sent.</summary>
internal sealed class RowInput(Org org, JobOrder order)
{
    private const string Null = "#N/A";

    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>The first column that the user does not see, if there is one.</summary>
    public string? UnknownColumn(IEnumerable<string> columns) => columns.FirstOrDefault(column => !IsKnown(column));

    /// <summary>The fields of a row: an empty place is left out, #N/A is null, <c>Account__r.Ext__c</c> names a related record.</summary>
    public JsonElement Read(IReadOnlyList<string> columns, string[] row)
    {
        _buffer.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_buffer, OrgJson.Format))
        {
            json.WriteStartObject();
            for (int place = 0; place < row.Length; place++)
            {
                if (row[place].Length > 0)
                    Write(json, columns[place], row[place]);
            }
            json.WriteEndObject();
        }
        var reader = new Utf8JsonReader(_buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }

    /// <summary>What a row has as its own id; empty when nothing.</summary>
    public static string IdIn(IReadOnlyList<string> columns, string[] row)
    {
        int place = columns.ToList().FindIndex(column => column.Equals(SystemFields.Id, StringComparison.OrdinalIgnoreCase));
        return place < 0 ? "" : SalesforceId.Normalise(row[place]) ?? row[place];
    }

    public static string? IdOf(JsonElement sent) => CollectionRequest.IdOf(sent);

    public static object? ValueOf(JsonElement sent, Field key) => CollectionRequest.ValueOf(sent, key);

    private bool IsKnown(string column)
    {
        string[] names = column.Split('.', 2);
        if (names.Length == 2)
            return order.Type.ParentsByName.ContainsKey(names[0]);
        return order.Type.FieldsByName.TryGetValue(column, out Field? field) && !org.IsHidden(order.Type, field, order.Actor.User);
    }

    private static void Write(Utf8JsonWriter json, string column, string value)
    {
        string[] names = column.Split('.', 2);
        json.WritePropertyName(names[0]);
        if (value == Null)
        {
            json.WriteNullValue();
            return;
        }
        if (names.Length == 1)
        {
            json.WriteStringValue(value);
            return;
        }
        json.WriteStartObject();
        json.WriteString(names[1], value);
        json.WriteEndObject();
    }
}
