using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace SalesforceBridge.LocalPostgres;

/// <summary>
/// A private PostgreSQL server on a free port of 127.0.0.1, in a temporary folder that goes with it.
/// It ends when this process ends, however that happens: its keeper waits on a pipe that we hold.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    // Ends the server as it is told, or, when nobody is left to tell it, at once and with its folder. A terminal sends Ctrl-C
    // to everything that was started from it, and this must outlive whoever still needs the server to end in order.
    private const string Keeper = """
        trap '' INT HUP TERM
        folder=$1; shift
        command -v setsid >/dev/null && set -- setsid "$@"
        "$@" </dev/null & server=$!
        read -r word
        case "$word" in stop) signal=INT ;; *) signal=QUIT ;; esac
        kill -$signal $server; wait $server
        [ -n "$word" ] || rm -rf "$folder"
        """;

    private readonly string _binaries;
    private readonly string _folder;
    private readonly string[] _settings;
    private Process? _keeper;

    private PostgresServer(string binaries, string folder, int port, string[] settings) =>
        (_binaries, _folder, Port, _settings) = (binaries, folder, port, settings);

    /// <summary>The TCP port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>A fresh server, accepting connections.</summary>
    /// <param name="settings">Server settings, each <c>name=value</c>.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="InvalidOperationException">No PostgreSQL here, or it did not start; the message says why.</exception>
    public static Task<PostgresServer> StartAsync(string[] settings, CancellationToken ct) => StartWithinAsync(Path.GetTempPath(), settings, ct);

    /// <summary>The same with its folder in one that is given.</summary>
    public static async Task<PostgresServer> StartWithinAsync(string parent, string[] settings, CancellationToken ct)
    {
        string binaries = await PostgresBinaries.FindOrInstallAsync(ct);
        string folder = Directory.CreateDirectory(Path.Combine(parent, $"bridge-postgres-{Path.GetRandomFileName()}")).FullName;
        var server = new PostgresServer(binaries, folder, FreePort(), settings);
        try
        {
            await server.InitialiseAsync(ct);
            await server.LaunchAsync(ct);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection string for one of the server's databases.</summary>
    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = "bridge",
        Database = database,
        SslMode = SslMode.Disable,
    }.ConnectionString;

    /// <summary>The same as a URL, as Heroku's <c>DATABASE_URL</c> has it.</summary>
    public string Url(string database) => $"postgres://bridge@127.0.0.1:{Port}/{database}?sslmode=disable";

    /// <summary>Stops the server: at once and without a word (<paramref name="crash"/>), or in order.</summary>
    public async Task StopAsync(bool crash, CancellationToken ct)
    {
        if (_keeper is not { } keeper)
            return;
        await keeper.StandardInput.WriteLineAsync(crash ? "crash" : "stop");
        await keeper.StandardInput.FlushAsync(ct);
        await keeper.WaitForExitAsync(ct);
        keeper.Dispose();
        _keeper = null;
    }

    /// <summary>Starts the stopped server again on the same data and port.</summary>
    public async Task LaunchAsync(CancellationToken ct)
    {
        string[] server =
        [
            Path.Combine(_binaries, "postgres"), "-D", Data, "-p", $"{Port}", "-k", _folder,
            "-c", "listen_addresses=127.0.0.1", .. _settings.SelectMany(setting => new[] { "-c", setting }),
        ];
        _keeper = Start("/bin/sh", ["-c", Keeper, "postgres", _folder, .. AsPostgres(server)]);
        _ = Drain(_keeper.StandardOutput);
        Task<string> errors = Drain(_keeper.StandardError);
        await WaitUntilReadyAsync(_keeper, errors, ct);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(crash: true, CancellationToken.None);
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // A temporary folder that will not go is not worth an error.
        }
    }

    private string Data => Path.Combine(_folder, "data");

    private static bool IsRoot => Environment.UserName == "root";

    private async Task InitialiseAsync(CancellationToken ct)
    {
        if (IsRoot)
            await RunAsync("/bin/chown", ["postgres", _folder], ct);
        string[] init = [Path.Combine(_binaries, "initdb"), "-D", Data, "-U", "bridge", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
        string[] command = AsPostgres(init);
        await RunAsync(command[0], command[1..], ct);
    }

    private async Task WaitUntilReadyAsync(Process keeper, Task<string> errors, CancellationToken ct)
    {
        var limit = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false;Timeout=5");
                await connection.OpenAsync(ct);
                return;
            }
            catch (NpgsqlException) when (!keeper.HasExited && limit.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ct);
            }
            catch (NpgsqlException error)
            {
                if (!keeper.HasExited)
                    await StopAsync(crash: true, ct);
                throw new InvalidOperationException($"PostgreSQL did not start: {await errors}", error);
            }
        }
    }

    // PostgreSQL refuses to run as root. setpriv becomes the command, so that signals reach it.
    private static string[] AsPostgres(string[] command) =>
        IsRoot ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--", .. command] : command;

    private async Task RunAsync(string program, string[] arguments, CancellationToken ct)
    {
        using Process process = Start(program, arguments);
        Task<string> output = Drain(process.StandardOutput);
        string errors = await Drain(process.StandardError);
        await process.WaitForExitAsync(ct);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{Path.GetFileName(program)} ended with {process.ExitCode}: {await output} {errors}");
    }

    private Process Start(string program, string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        WorkingDirectory = _folder,
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static Task<string> Drain(StreamReader reader) => reader.ReadToEndAsync();

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
