using Npgsql;
using SalesforceBridge.Testing;

namespace SalesforceBridge.Messaging.Tests.Inbox;

/// <summary>A real server that says which texts its jsonb takes.</summary>
public sealed class JsonbOracle : IAsyncLifetime
{
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        await _database.ExecuteAsync("""
            create function takes(text bytea) returns boolean language plpgsql as $$
            begin
                perform convert_from(text, 'UTF8')::jsonb;
                return true;
            exception when others then
                return false;
            end $$
            """);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    public async Task<bool[]> TakesAsync(IReadOnlyList<byte[]> texts)
    {
        await using var connection = new NpgsqlConnection(_database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "select array_agg(takes(u.text) order by u.n) from unnest($1) with ordinality u(text, n)", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = texts });
        return (bool[])(await command.ExecuteScalarAsync())!;
    }
}
