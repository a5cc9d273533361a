using System.Diagnostics;
using SalesforceBridge.InteropTests.Node;
using SalesforceBridge.Simulator;

namespace SalesforceBridge.InteropTests.Examples;

/// <summary>The examples of docs/simulator.md, run as they stand there but for the port.</summary>
public sealed class SimulatorExampleTests
{
    private const string Address = "http://127.0.0.1:7700";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_example_with_jsforce_runs()
    {
        await using SimulatedOrg org = await SimulatedOrg.StartAsync(new SimulatorOptions { PollTimeout = TimeSpan.FromSeconds(2) }, Ct);
        await NodePackages.EnsureInstalledAsync(Ct);
        string script = Path.Combine(NodePackages.Folder, $"example-{Guid.CreateVersion7():N}.js");
        await File.WriteAllTextAsync(script, Example("js", org), Ct);

        string output = await NodeProcess.RunAsync(Path.GetFileName(script), [], Ct);

        File.Delete(script);
        output.ShouldContain("heard CREATE");
        output.ShouldContain("stored 1 refused STRING_TOO_LONG");
        org.Query("select Id from Contact").Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_example_with_curl_runs()
    {
        await using SimulatedOrg org = await SimulatedOrg.StartAsync(new SimulatorOptions(), Ct);

        string output = await ShellAsync(Example("sh", org));

        output.ShouldContain("\"Name\":\"Ann Clerk\"");
        output.ShouldContain("OPERATION_ENQUEUED");
        output.ShouldContain("UNABLE_TO_LOCK_ROW");
        org.Query("select Amount__c from Order__c where Status__c = 'Accepted'")[0].GetProperty("Amount__c").GetDecimal().ShouldBe(250);
        output.TrimEnd().ShouldEndWith("]");
    }

    private static string Example(string language, SimulatedOrg org)
    {
        string[] parts = File.ReadAllText(Path.Combine(NodePackages.Folder, "simulator.md")).ReplaceLineEndings("\n").Split($"```{language}\n");
        return parts.Length == 2 ? parts[1].Split("\n```")[0].Replace(Address, org.Url.ToString().TrimEnd('/'), StringComparison.Ordinal)
            : throw new InvalidOperationException($"docs/simulator.md has {parts.Length - 1} examples in {language}, not one.");
    }

    private static async Task<string> ShellAsync(string script)
    {
        using Process shell = Process.Start(new ProcessStartInfo("sh", ["-euc", script]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException("sh did not start.");
        Task<string> errors = shell.StandardError.ReadToEndAsync(Ct);
        string output = await shell.StandardOutput.ReadToEndAsync(Ct);
        await shell.WaitForExitAsync(Ct);
        shell.ExitCode.ShouldBe(0, await errors);
        return output;
    }
}
