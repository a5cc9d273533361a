using System.Text.Json;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.HerokuConnect;

/// <summary>What Heroku says of the app's connections.</summary>
/// <param name="Connections">Those that could be asked about.</param>
/// <param name="Faults">Why others, or all, could not.</param>
internal sealed record HerokuConnectHealth(IReadOnlyList<ConnectionHealth> Connections, IReadOnlyList<string> Faults)
{
    /// <summary>Nothing could be asked.</summary>
    public static HerokuConnectHealth Unknown(string fault) => new([], [fault]);

    /// <summary>The state of each mapping, by its table.</summary>
    public IEnumerable<(MappedTable Table, string State)> States() =>
        from connection in Connections
        where connection.Schema is not null
        from mapping in connection.Mappings
        where mapping.State is not null
        select (new MappedTable(connection.Schema!, mapping.Table), mapping.State!);
}

/// <summary>One connection.</summary>
/// <param name="Name">The add-on's name.</param>
/// <param name="Schema">The schema it keeps.</param>
/// <param name="State">Such as <c>IDLE</c> or <c>PAUSED</c>.</param>
/// <param name="Mappings">Its mappings.</param>
internal sealed record ConnectionHealth(string Name, string? Schema, string? State, IReadOnlyList<MappingHealth> Mappings)
{
    /// <summary>Reads what the API says of a connection; what it does not say is null.</summary>
    public static ConnectionHealth Of(string name, JsonElement said) => new(
        name, Text(said, "schema_name"), Text(said, "state"),
        said.TryGetProperty("mappings", out JsonElement mappings) && mappings.ValueKind == JsonValueKind.Array
            ? [.. mappings.EnumerateArray().Where(mapping => mapping.ValueKind == JsonValueKind.Object && Text(mapping, "object_name") is not null).Select(MappingOf)]
            : []);

    /// <summary>A text of an object; null where it has none of that name.</summary>
    public static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // Connect calls a table by its object's name in lower case.
    private static MappingHealth MappingOf(JsonElement mapping)
    {
        string table = Text(mapping, "object_name")!.ToLowerInvariant();
        JsonElement counts = mapping.TryGetProperty("counts", out JsonElement said) && said.ValueKind == JsonValueKind.Object ? said : default;
        return new MappingHealth(table, Text(mapping, "state"), Text(mapping, "access"), Count(counts, "db"), Count(counts, "sf"), Count(counts, "pending"), Count(counts, "errors"));
    }

    private static long? Count(JsonElement counts, string name) =>
        counts.ValueKind == JsonValueKind.Object && counts.TryGetProperty(name, out JsonElement value)
        && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long count) ? count : null;
}

/// <summary>One mapping, as Heroku counts it.</summary>
/// <param name="Table">Its table.</param>
/// <param name="State">Such as <c>DATA_SYNCED</c> or <c>RELOAD_TABLE</c>.</param>
/// <param name="Access"><c>read_only</c> or <c>read_write</c>.</param>
/// <param name="InDatabase">How many rows the table has.</param>
/// <param name="InSalesforce">How many records the object has.</param>
/// <param name="Pending">How many changes wait to be sent.</param>
/// <param name="Errors">How many failed.</param>
internal sealed record MappingHealth(string Table, string? State, string? Access, long? InDatabase, long? InSalesforce, long? Pending, long? Errors);
