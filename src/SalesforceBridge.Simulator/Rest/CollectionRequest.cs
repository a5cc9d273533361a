using System.Text.Json;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>The body of a collection call.</summary>
internal sealed record CollectionRequest(bool AllOrNone, IReadOnlyList<JsonElement> Records)
{
    /// <exception cref="ApiException">It is not such a body, or holds too many records.</exception>
    public static CollectionRequest Read(JsonElement body, int maxRecords)
    {
        if (body.ValueKind is not JsonValueKind.Object || !body.TryGetProperty("records", out JsonElement records) || records.ValueKind is not JsonValueKind.Array)
            throw new ApiException(400, ApiError.Unreadable("The request needs an object with an array 'records'"));
        CheckCount(records.GetArrayLength(), maxRecords);
        bool allOrNone = body.TryGetProperty("allOrNone", out JsonElement flag) && flag.ValueKind is JsonValueKind.True;
        return new CollectionRequest(allOrNone, [.. records.EnumerateArray()]);
    }

    /// <exception cref="ApiException">Too many.</exception>
    public static void CheckCount(int count, int max)
    {
        if (count > max)
            throw new ApiException(400, new ApiError("EXCEEDED_ID_LIMIT", $"record limit reached. cannot submit more than {max} records into this call"));
    }

    /// <exception cref="ApiException">The record does not say.</exception>
    public static string TypeOf(JsonElement record) =>
        record.ValueKind is JsonValueKind.Object && record.TryGetProperty("attributes", out JsonElement attributes)
        && attributes.ValueKind is JsonValueKind.Object && attributes.TryGetProperty("type", out JsonElement type)
        && type.GetString() is { } name
            ? name
            : throw new ApiException(400, new ApiError("INVALID_INPUT", "Each record needs attributes with a type"));

    /// <summary>The record's own id, written <c>id</c> or <c>Id</c>.</summary>
    public static string? IdOf(JsonElement record)
    {
        JsonElement value = Property(record, SystemFields.Id);
        return value.ValueKind is JsonValueKind.String ? value.GetString() : null;
    }

    /// <exception cref="ApiException">The value is of another kind than the field.</exception>
    public static object? ValueOf(JsonElement record, Field field)
    {
        JsonElement value = Property(record, field.Name);
        return value.ValueKind is JsonValueKind.Undefined ? null : FieldValue.Read(field, value);
    }

    public static IReadOnlyList<string> Strings(JsonElement body, string name) =>
        body.ValueKind is JsonValueKind.Object && body.TryGetProperty(name, out JsonElement array) && array.ValueKind is JsonValueKind.Array
            ? [.. array.EnumerateArray().Select(item => item.ToString())]
            : throw new ApiException(400, ApiError.Unreadable($"The request needs an array '{name}'"));

    private static JsonElement Property(JsonElement record, string name) =>
        record.EnumerateObject().FirstOrDefault(property => property.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}
