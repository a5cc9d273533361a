using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>The database and the schema in it: what every part of the middle works on.</summary>
/// <param name="source">Connections; the middle never opens one of its own.</param>
/// <param name="options">Times and bounds.</param>
public sealed class BridgeDatabase(NpgsqlDataSource source, MessagingOptions options)
{
    /// <summary>Where connections come from.</summary>
    public NpgsqlDataSource Source { get; } = source;

    /// <summary>The schema, as it is written into SQL.</summary>
    public BridgeSchema Schema { get; } = new(options.Schema);

    /// <summary>Times and bounds.</summary>
    public MessagingOptions Options { get; } = options;

    /// <summary>An open connection of the pool.</summary>
    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken ct) => Source.OpenConnectionAsync(ct);
}
