using System.CommandLine;
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
        (TextWriter output, TextWriter errors) = (command.InvocationConfiguration.Output, command.InvocationConfiguration.Error);
        switch (DatabaseSettings.Read(_context.Environment))
        {
            case Reading<DatabaseSettings>.Valid(DatabaseSettings settings):
                return await RunAsync(settings, output, errors, ct);
            case Reading<DatabaseSettings>.Invalid invalid:
                await errors.WriteLineAsync(invalid.Refusal);
                return 1;
            default:
                throw new InvalidOperationException("A reading is valid or invalid.");
        }
    }

    private static async Task<int> RunAsync(DatabaseSettings settings, TextWriter output, TextWriter errors, CancellationToken ct)
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(settings.ConnectionString(ProcessRole.Web));
        try
        {
            IReadOnlyList<string> applied = await new Migrations(database, new BridgeSchema(settings.Schema)).ApplyAsync(ct);
            await output.WriteLineAsync(applied.Count == 0
                ? $"Schema {settings.Schema} is at version {Migrations.Newest}: nothing to do."
                : $"Schema {settings.Schema} is at version {Migrations.Newest} now: {string.Join(", ", applied)}.");
            return 0;
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            string cause = error is PostgresException postgres ? $"{postgres.SqlState}: {postgres.MessageText}" : error.Message;
            await errors.WriteLineAsync($"The database {settings.Url.Address} was not changed: {cause}. Look at DATABASE_URL and run `bridge migrate` again.");
            return 1;
        }
    }
}
