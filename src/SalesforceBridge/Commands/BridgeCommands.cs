using System.CommandLine;
using SalesforceBridge.Configuration;

namespace SalesforceBridge.Commands;

/// <summary>The program's commands: the whole list.</summary>
internal static class BridgeCommands
{
    /// <summary>Runs one command line. 0: done; 1: not done, and the output says why. <paramref name="change"/> has the last word about its parts.</summary>
    public static Task<int> RunAsync(
        string[] arguments, IReadOnlyDictionary<string, string> environment, TextWriter output, TextWriter error, TextReader? input = null,
        Action<IServiceCollection>? change = null) =>
        Root(new CommandContext(environment, input ?? Console.In, change)).Parse(arguments).InvokeAsync(new InvocationConfiguration
        {
            Output = output,
            Error = error,
            // Signals belong to the host: the parser would end the process two seconds after SIGTERM.
            ProcessTerminationTimeout = null,
        });

    private static RootCommand Root(CommandContext context) => new("Joins a Salesforce org to a Postgres database.")
    {
        context.Json,
        new ProcessCommand("web", "HTTP only", ProcessRole.Web, context),
        new ProcessCommand("worker", "Everything but HTTP", ProcessRole.Worker, context),
        new ProcessCommand("all", "Web and worker in one process", ProcessRole.All, context),
        new MigrateCommand(context),
        new DoctorCommand(context),
        new StatusCommand(context),
        new SourcesCommand(context),
        new Command("org", "The org that the database belongs to")
        {
            new OrgShowCommand(context),
            new OrgRebindCommand(context),
        },
        new Command("routes", "What wakes the bridge and what it then does")
        {
            new RoutesListCommand(context),
            new RoutesCheckCommand(context),
            new RoutesTryCommand(context),
            new RoutesRewindCommand(context),
        },
        new BackfillCommand(context),
        new Command("gaps", "What of a source was lost, or is feared to be")
        {
            new GapsListCommand(context),
            new GapsCloseCommand(context),
        },
        new Command("schedules", "The routes that a clock wakes")
        {
            new SchedulesListCommand(context),
            new SchedulesRunCommand(context),
        },
        new Command("tables", "The tables whose changes are captured or polled")
        {
            new TablesListCommand(context),
            new TablesUnwatchCommand(context),
        },
        new Command("connect", "What Heroku Connect could not write to the org")
        {
            new HerokuConnectErrorsCommand(context),
            new HerokuConnectRetryCommand(context),
        },
        new Command("messages", "The inbox")
        {
            new MessagesListCommand(context),
            new MessagesShowCommand(context),
        },
        new Command("dead-letters", "What failed for good and waits for a person")
        {
            new DeadLettersListCommand(context),
            new DeadLettersShowCommand(context),
            new DeadLettersRedriveCommand(context),
            new DeadLettersDiscardCommand(context),
            new DeadLettersAcceptCommand(context),
        },
        new PublishCommand(context),
        new QueryCommand(context),
        new Command("generate", "Code for what the org has")
        {
            new GenerateTypesCommand(context),
        },
    };
}

/// <summary>What every command may use.</summary>
internal sealed record CommandContext(IReadOnlyDictionary<string, string> Environment, TextReader Input, Action<IServiceCollection>? Change)
{
    public Option<bool> Json { get; } = new("--json") { Description = "Machine-readable output; of a process, its log lines", Recursive = true };
}
