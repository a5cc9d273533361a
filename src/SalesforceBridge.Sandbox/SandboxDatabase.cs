using Npgsql;
using SalesforceBridge.Configuration;
using SalesforceBridge.LocalPostgres;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Sandbox;

/// <summary>
/// The database that the bridge and the app share, with their tables: on a private server that ends with it, or in two
/// schemas of its own in a database that was given.
/// </summary>
internal sealed class SandboxDatabase : IAsyncDisposable
{
    /// <summary>The schema that Heroku Connect would have, and that the example routes name.</summary>
    public const string SyncedSchema = "salesforce";

    /// <summary>A condition on a row of the inbox: the org has sent it. What tables, logs and the clock tell is looked at by what it came to.</summary>
    public const string IsOfTheOrg = "split_part(source, ' ', 1) in ('event', 'change', 'callout', 'outbound-message')";

    private const string Name = "sandbox";

    private readonly PostgresServer? _server;
    private readonly string? _appSchema;
    private bool _hadHstore;

    private SandboxDatabase(PostgresServer? server, string url, string schema, string? appSchema)
    {
        (_server, Url, Schema, _appSchema) = (server, url, schema, appSchema);
        var connection = new NpgsqlConnectionStringBuilder(ConnectionString) { MaxPoolSize = 2, ApplicationName = Name };
        Source = NpgsqlDataSource.Create(connection);
    }

    /// <summary>For <c>DATABASE_URL</c>.</summary>
    public string Url { get; }

    /// <summary>The schema with the bridge's tables.</summary>
    public string Schema { get; }

    public NpgsqlDataSource Source { get; }

    /// <summary>As Npgsql reaches it.</summary>
    public string ConnectionString => DatabaseUrl.Parse(Url).ConnectionString.Reveal();

    /// <summary>How a person looks into it; never tells a password.</summary>
    public string PsqlLine => _server is not null ? $"psql '{Url}'" : $"PGOPTIONS=--search_path={_appSchema},public psql \"$DATABASE_URL\"";

    /// <summary>The database with all its tables.</summary>
    /// <param name="givenUrl">A database that may be written to; null starts a private server.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">There is no PostgreSQL here, or the given one has Heroku Connect; the message says what to do.</exception>
    /// <exception cref="FormatException">The URL is none.</exception>
    /// <exception cref="NpgsqlException">The given database cannot be reached, or refuses to create a schema.</exception>
    public static async Task<SandboxDatabase> OpenAsync(string? givenUrl, CancellationToken ct)
    {
        SandboxDatabase database = givenUrl is null ? await StartServerAsync(ct) : await TakeSchemasAsync(givenUrl, ct);
        try
        {
            await new Migrations(database.Source, new BridgeSchema(database.Schema)).ApplyAsync(ct);
            await ExecuteAsync(database.Source, AppTables.Sql, ct);
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is null)
            await ExecuteAsync(Source, DropOurs, CancellationToken.None);
        await Source.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private string DropOurs => $"""
        drop schema if exists {Schema} cascade;
        drop schema if exists {_appSchema} cascade;
        drop schema if exists {SyncedSchema} cascade;
        drop function if exists public.get_xmlbinary();
        {(_hadHstore ? "" : "drop extension if exists hstore")}
        """;

    private static async Task<SandboxDatabase> StartServerAsync(CancellationToken ct)
    {
        PostgresServer server = await PostgresServer.StartAsync([], ct);
        await using NpgsqlDataSource postgres = NpgsqlDataSource.Create(server.ConnectionString("postgres") + ";Pooling=false");
        await ExecuteAsync(postgres, $"create database {Name}", ct);
        return new SandboxDatabase(server, server.Url(Name), "bridge", appSchema: null);
    }

    // Somebody's database: nothing in it is touched, and what is ours goes again.
    private static async Task<SandboxDatabase> TakeSchemasAsync(string url, CancellationToken ct)
    {
        string run = Guid.NewGuid().ToString("N")[..8];
        string appSchema = $"{Name}_{run}";
        string withPath = $"{url}{(url.Contains('?') ? '&' : '?')}search_path={appSchema},public";
        var database = new SandboxDatabase(server: null, withPath, $"bridge_{run}", appSchema);
        database._hadHstore = await IsAsync(database.Source, "select exists (select from pg_extension where extname = 'hstore')", ct);
        if (await IsAsync(database.Source, $"select to_regnamespace('{SyncedSchema}') is not null or to_regproc('public.get_xmlbinary') is not null", ct))
        {
            await database.Source.DisposeAsync();
            throw new InvalidOperationException(
                $"DATABASE_URL names a database with a schema {SyncedSchema}: Heroku Connect keeps it, or another sandbox. Name another database, or none.");
        }

        await ExecuteAsync(database.Source, $"create schema {appSchema}", ct);
        return database;
    }

    private static async Task<bool> IsAsync(NpgsqlDataSource source, string question, CancellationToken ct)
    {
        await using NpgsqlCommand command = source.CreateCommand(question);
        return await command.ExecuteScalarAsync(ct) is true;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql, CancellationToken ct)
    {
        await using NpgsqlCommand command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(ct);
    }
}
