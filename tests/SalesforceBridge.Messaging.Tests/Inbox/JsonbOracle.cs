using Npgsql;
using SalesforceBridge.Testing;

namespace SalesforceBridge.Messaging.Tests.Inbox;

/// <summary>A real server that says which texts its jsonb takes.</summary>
internal sealed class JsonbOracle(TestDatabase database, NpgsqlConnection connection) : IAsyncDisposable
{
    public static async Task<JsonbOracle> CreateAsync()
    {
        TestDatabase database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("""
            create function takes(text bytea) returns boolean language plpgsql as $$
            begin
                perform convert_from(text, 'UTF8')::jsonb;
                return true;
            exception when others then
                return false;
            end $$
            """);
        var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        return new(database, connection);
    }

    public async Task<bool[]> TakesAsync(IReadOnlyList<byte[]> texts)
    {
        await using var command = new NpgsqlCommand(
            "select array_agg(takes(u.text) order by u.n) from unnest($1) with ordinality u(text, n)", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = texts });
        return (bool[])(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        await database.DisposeAsync();
    }
}
