using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Commands;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Drivers;

/// <summary>What a command line printed, and how it ended.</summary>
internal sealed record CommandLine(int ExitCode, string Output, string Errors)
{
    public JsonElement Json => JsonElement.Parse(Output);

    /// <summary>Runs a command line inside the test's process.</summary>
    public static Task<CommandLine> RunAsync(ConfigVars vars, params string[] arguments) => RunAsync(vars, "", arguments);

    /// <summary>Runs a command line with a text on its standard input.</summary>
    public static Task<CommandLine> RunAsync(ConfigVars vars, string input, string[] arguments) => RunAsync(vars, input, null, arguments);

    /// <summary>Runs a command line with other parts.</summary>
    public static Task<CommandLine> RunWithAsync(ConfigVars vars, Action<IServiceCollection> change, params string[] arguments) => RunAsync(vars, "", change, arguments);

    private static async Task<CommandLine> RunAsync(ConfigVars vars, string input, Action<IServiceCollection>? change, string[] arguments)
    {
        await using var output = new StringWriter();
        await using var errors = new StringWriter();
        int exitCode = await BridgeCommands.RunAsync(arguments, vars, output, errors, new StringReader(input), change);
        return new CommandLine(exitCode, output.ToString().TrimEnd('\n'), errors.ToString().TrimEnd('\n'));
    }

    /// <summary>It did what it should.</summary>
    public CommandLine ShouldSucceed()
    {
        ExitCode.ShouldBe(0, $"{Output}\n{Errors}");
        Errors.ShouldBeEmpty();
        return this;
    }

    /// <summary>It refused, in one line.</summary>
    public void ShouldRefuse(string line)
    {
        ExitCode.ShouldBe(1, Output);
        Errors.ShouldBe(line);
    }
}
