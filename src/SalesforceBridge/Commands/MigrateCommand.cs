using System.CommandLine;
using System.Text.Json;
using Npgsql;
using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge migrate</c>: brings the database to what this program needs. Heroku runs it before each release.</summary>
internal sealed class MigrateCommand : Command
{
    private readonly CommandContext _context;

    public MigrateCommand(CommandContext context)
        : base("migrate", "Creates or updates the bridge's tables; needs DATABASE_URL only")
    {
        _context = context;
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult command, CancellationToken ct)
    {
        switch (DatabaseSettings.Read(_context.Environment))
        {
            case Reading<DatabaseSettings>.Valid(DatabaseSettings settings):
                return await RunAsync(settings, command, ct);
            case Reading<DatabaseSettings>.Invalid invalid:
                await command.InvocationConfiguration.Error.WriteLineAsync(invalid.Refusal);
                return 1;
            default:
                throw new InvalidOperationException("A reading is valid or invalid.");
        }
    }

    private async Task<int> RunAsync(DatabaseSettings settings, ParseResult command, CancellationToken ct)
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(settings.ConnectionString(ProcessRole.Web));
        try
        {
            IReadOnlyList<string> applied = await new Migrations(database, new BridgeSchema(settings.Schema)).ApplyAsync(ct);
            var report = new MigrateReport(settings.Schema, Migrations.Newest, applied);
            await command.InvocationConfiguration.Output.WriteLineAsync(
                command.GetValue(_context.Json) ? JsonSerializer.Serialize(report, CommandJson.Default.MigrateReport) : Text(report));
            return 0;
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            string cause = error is PostgresException postgres ? $"{postgres.SqlState}: {postgres.MessageText}" : error.Message;
            await command.InvocationConfiguration.Error.WriteLineAsync(
                $"The database {settings.Url.Address} was not changed: {cause}. Look at DATABASE_URL and run `bridge migrate` again.");
            return 1;
        }
    }

    private static string Text(MigrateReport report) => report.Applied.Count == 0
        ? $"Schema {report.Schema} is at version {report.Version}: nothing to do."
        : $"Schema {report.Schema} is at version {report.Version} now: {string.Join(", ", report.Applied)}.";
}

/// <summary>What <c>bridge migrate</c> did.</summary>
internal sealed record MigrateReport(string Schema, int Version, IReadOnlyList<string> Applied);
