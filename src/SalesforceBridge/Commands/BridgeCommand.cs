using System.CommandLine;
using System.Net.Sockets;
using Npgsql;
using SalesforceBridge.Configuration;
using SalesforceBridge.Health;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Commands;

/// <summary>A command that does one thing and ends. Whatever keeps it from that is one line on the error output, and exit code 1.</summary>
internal abstract class BridgeCommand : Command
{
    private readonly CommandContext _context;

    protected BridgeCommand(string name, string description, CommandContext context)
        : base(name, description)
    {
        _context = context;
        SetAction(RunAsync);
    }

    /// <summary>Does it.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="RefusedException">It cannot be done; the message says why and what to do.</exception>
    protected abstract Task<int> RunAsync(CommandSession session, CancellationToken ct);

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken ct)
    {
        TextWriter errors = arguments.InvocationConfiguration.Error;
        switch (BridgeSettings.Read(_context.Environment))
        {
            case Reading<BridgeSettings>.Valid(BridgeSettings settings):
                return await RunAsync(settings, arguments, errors, ct);
            case Reading<BridgeSettings>.Invalid invalid:
                await errors.WriteLineAsync(invalid.Refusal);
                return 1;
            default:
                throw new InvalidOperationException("A reading is valid or invalid.");
        }
    }

    private async Task<int> RunAsync(BridgeSettings settings, ParseResult arguments, TextWriter errors, CancellationToken ct)
    {
        try
        {
            await using var session = new CommandSession(settings, arguments, _context);
            return await RunAsync(session, ct);
        }
        catch (Exception error) when (Refusal(error, settings) is { } line)
        {
            await errors.WriteLineAsync(line);
            return 1;
        }
    }

    private static string? Refusal(Exception error, BridgeSettings settings) => error switch
    {
        RefusedException => error.Message,
        PostgresException { SqlState: not (['0', '8', ..] or ['2', '8', ..] or ['3', 'D', ..] or ['5', '3', ..] or ['5', '7', ..]) } refused =>
            $"The database refused: {refused.SqlState}: {OnOneLine(refused.MessageText)}.",
        NpgsqlException or SocketException or TimeoutException => Describe(DatabaseProblem.Of(error), settings),
        SalesforceException { InnerException: OAuthException refused } => $"There is no token for the org: {OnOneLine(refused.Message)}",
        SalesforceException => OnOneLine(error.Message),
        _ => null,
    };

    // The org quotes a query with a mark below the place it does not understand.
    private static string OnOneLine(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Describe(DatabaseProblem problem, BridgeSettings settings) =>
        $"The database {settings.Database.Url.Address} {problem.Why}. {problem.Fix}";
}

/// <summary>A command cannot be done as it was given.</summary>
/// <param name="line">Why, and what to do, in one line.</param>
internal sealed class RefusedException(string line) : Exception(line);
