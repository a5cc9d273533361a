using System.Text.Json;

namespace SalesforceBridge.Simulator.Records;

/// <summary>What the API says is wrong: a code, a sentence and the fields concerned.</summary>
internal sealed record ApiError(string Code, string Message, params IReadOnlyList<string> Fields)
{
    public static readonly ApiError NotFound = new("NOT_FOUND", "The requested resource does not exist");

    public static readonly ApiError IsDeleted = new("ENTITY_IS_DELETED", "entity is deleted");

    public static readonly ApiError RolledBack = new(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all records were valid and the request was using AllOrNone header");

    public static readonly ApiError SessionExpired = new("INVALID_SESSION_ID", "Session expired or invalid");

    public static ApiError NoSuchColumn(string field, string type) => new("INVALID_FIELD", $"No such column '{field}' on sobject of type {type}");

    public static ApiError NoSuchKey(string field) =>
        new("NOT_FOUND", $"Provided external ID field does not exist or is not accessible: {field}");

    public static ApiError Unreadable(string message) => new("JSON_PARSER_ERROR", message);

    /// <param name="json">Where to.</param>
    /// <param name="codeName"><c>errorCode</c> in a body of its own, where fields are named only if there are any; <c>statusCode</c> in items.</param>
    public void Write(Utf8JsonWriter json, string codeName)
    {
        json.WriteStartObject();
        json.WriteString(codeName, Code);
        json.WriteString("message", Message);
        if (Fields.Count > 0 || codeName == "statusCode")
        {
            json.WriteStartArray("fields");
            foreach (string field in Fields)
                json.WriteStringValue(field);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }
}

/// <summary>Ends a request with a status and one error. Outcomes of single items of a collection are values instead.</summary>
internal class ApiException(int status, ApiError error) : Exception(error.Message)
{
    public int Status { get; } = status;

    public ApiError Error { get; } = error;
}
