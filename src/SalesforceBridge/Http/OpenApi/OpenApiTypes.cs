using System.Text.Json.Nodes;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Http.OpenApi;

/// <summary>The schemas of single values: of what a request has, and of what a reply's columns are once they are JSON.</summary>
internal static class OpenApiTypes
{
    public static JsonObject Of(RequestField field)
    {
        JsonObject schema = field.Type switch
        {
            "numeric" => Typed("number"),
            "integer" => Typed("integer", "int64"),
            "boolean" => Typed("boolean"),
            "date" => Typed("string", "date"),
            "timestamptz" => Typed("string", "date-time"),
            "json" => AnyJson,
            _ => Typed("string"),
        };
        return field.IsOptional ? Nullable(schema) : schema;
    }

    /// <summary>A column's values, any of which may be null.</summary>
    public static JsonObject Of(RouteColumn column) => Nullable(column.Type switch
    {
        string type when type.EndsWith("[]", StringComparison.Ordinal) => Typed("string").With("description", "Values with ; between them."),
        "boolean" => Typed("boolean"),
        "smallint" or "integer" => Typed("integer", "int32"),
        "bigint" => Typed("integer", "int64"),
        "real" => Typed("number", "float"),
        "double precision" => Typed("number", "double"),
        "numeric" => Typed("number"),
        "date" => Typed("string", "date"),
        "timestamp with time zone" or "timestamp without time zone" => Typed("string", "date-time"),
        "json" or "jsonb" => AnyJson,
        string type when column.IsEnum || IsPostgresOwn(type) || type.EndsWith(".citext", StringComparison.Ordinal) => Typed("string"),
        _ => AnyJson,
    });

    public static JsonObject Typed(string type, string? format = null)
    {
        var schema = new JsonObject { ["type"] = type };
        return format is null ? schema : schema.With("format", format);
    }

    public static JsonObject With(this JsonObject schema, string name, JsonNode value)
    {
        schema[name] = value;
        return schema;
    }

    // Its values may be objects, lists and plain values. A type would be a lie; without one External Services makes it an Object.
    private static JsonObject AnyJson => new() { ["description"] = "Any JSON." };

    // What has no type may be null anyway.
    private static JsonObject Nullable(JsonObject schema) => schema.ContainsKey("type") ? schema.With("nullable", true) : schema;

    // Types of others have their schema's name before a dot, and may be objects in JSON.
    private static bool IsPostgresOwn(string type) => !type.Contains('.');
}
