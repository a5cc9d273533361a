using System.Diagnostics;
using Npgsql;
using SalesforceBridge.LocalPostgres;

namespace SalesforceBridge.Tests.Crashes;

/// <summary>A database server that answers nothing and refuses nothing until this goes: all its processes stand still.</summary>
internal sealed class HungServer : IAsyncDisposable
{
    private readonly int _postmaster;

    private HungServer(int postmaster) => _postmaster = postmaster;

    public static async Task<HungServer> OfAsync(PostgresServer server)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var ask = new NpgsqlCommand("select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int", connection);
        var hung = new HungServer((int)(await ask.ExecuteScalarAsync())!);
        await hung.SignalAsync("STOP");
        return hung;
    }

    public async ValueTask DisposeAsync() => await SignalAsync("CONT");

    // The postmaster first when it stops, or it would see its children stop.
    private async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {_postmaster} $(ps -o pid= --ppid {_postmaster})"]);
        await kill.WaitForExitAsync();
    }
}
