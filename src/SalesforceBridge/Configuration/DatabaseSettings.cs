using System.Text.RegularExpressions;
using Npgsql;

namespace SalesforceBridge.Configuration;

/// <summary>The database and the schema in it. All that <c>bridge migrate</c> needs.</summary>
/// <param name="Url">Where the database is.</param>
/// <param name="Schema">The schema that holds the bridge's tables.</param>
/// <param name="ApplicationName">How our connections name themselves in <c>pg_stat_activity</c>.</param>
internal sealed partial record DatabaseSettings(DatabaseUrl Url, string Schema, string ApplicationName)
{
    /// <summary>Reads only what concerns the database.</summary>
    public static Reading<DatabaseSettings> Read(IReadOnlyDictionary<string, string> environment)
    {
        var variables = new ConfigVarReader(environment);
        return variables.Conclude(Read(variables));
    }

    public static DatabaseSettings Read(ConfigVarReader variables) => new(
        DatabaseUrl.Read(variables),
        variables.Value<string>(
            ConfigVar.Schema, TryParseSchema, "bridge", "a schema name the bridge can own",
            "Set a name of lower case letters, digits and underscores that no part of Postgres uses (not pg_..., not information_schema)."),
        variables.Text("DYNO") is { } dyno ? $"bridge {dyno}" : "bridge");

    /// <summary>The connection string for a process: the smallest plan has 20 connections for everything, and deploys overlap.</summary>
    public string ConnectionString(ProcessRole role)
    {
        var connection = new NpgsqlConnectionStringBuilder(Url.ConnectionString.Reveal()) { ApplicationName = ApplicationName };
        // What a route's statement sets for its session must not be there for the next one: under `xmlbinary` of Heroku Connect no write reaches the org.
        connection.NoResetOnClose = false;
        if (!connection.ShouldSerialize("Maximum Pool Size"))
            connection.MaxPoolSize = PoolSize(role);

        // Asking for Kerberos loads it, and takes 2 MB.
        if (!connection.ShouldSerialize("GSS Encryption Mode"))
            connection.GssEncryptionMode = GssEncryptionMode.Disable;

        // The same few statements run all day. `Max Auto Prepare=0` in the URL's place is for poolers that cannot bear it.
        if (!connection.ShouldSerialize("Max Auto Prepare"))
            (connection.MaxAutoPrepare, connection.AutoPrepareMinUsages) = (100, 2);
        return connection.ConnectionString;
    }

    private static int PoolSize(ProcessRole role) => role switch
    {
        ProcessRole.All => 5,
        ProcessRole.Worker => 3,
        _ => 2,
    };

    private static bool TryParseSchema(string text, out string schema)
    {
        schema = text;
        return SchemaName().IsMatch(text) && !text.StartsWith("pg_", StringComparison.Ordinal) && text != "information_schema";
    }

    [GeneratedRegex("^[a-z_][a-z0-9_]{0,62}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SchemaName();
}
