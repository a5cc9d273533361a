extern alias SandboxProgram;

using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using SalesforceBridge.Tests.Infrastructure;
using SandboxProgram::SalesforceBridge.Sandbox;

namespace SalesforceBridge.Tests.Sandbox;

public sealed class SandboxProcessTests
{
    [Fact]
    public async Task A_killed_worker_comes_back_and_Ctrl_C_ends_everything()
    {
        string folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"sandbox-{Guid.NewGuid():N}")).FullName;
        await using RunningProcess sandbox = StartInItsOwnGroup(folder, []);
        await sandbox.LineWithAsync("the first order was accepted");

        int worker = PidIn(await sandbox.LineWithAsync("worker     pid "));
        Process.GetProcessById(worker).Kill();
        int next = PidIn(await sandbox.LineWithAsync("it was started again"));
        await sandbox.LineWithAsync("dead letters");

        await sandbox.SignalGroupAsync("INT");
        (await sandbox.EndAsync()).ShouldBe(0, sandbox.Output);
        // The runtime leaves sockets of its own behind when it is killed.
        Directory.GetFileSystemEntries(folder, "bridge-*").ShouldBeEmpty();
        Should.Throw<ArgumentException>(() => Process.GetProcessById(next));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_word_it_does_not_know_is_answered_with_its_usage()
    {
        string folder = Path.GetTempPath();
        await using RunningProcess sandbox = StartInItsOwnGroup(folder, [], "--chekc");

        (await sandbox.EndAsync()).ShouldBe(1);
        sandbox.Output.ShouldContain("Usage: [--check]");
    }

    [Fact]
    public async Task A_database_that_cannot_be_reached_is_said_in_a_line()
    {
        string folder = Path.GetTempPath();
        await using RunningProcess sandbox = StartInItsOwnGroup(folder, new() { ["DATABASE_URL"] = "postgres://nobody@127.0.0.1:1/none" });

        (await sandbox.EndAsync()).ShouldBe(1);
        sandbox.Output.ShouldContain("Failed to connect to 127.0.0.1:1");
        sandbox.Output.ShouldNotContain("   at ");
    }

    // What a shell in a terminal does with a program that it starts. A job in the background ignores Ctrl-C, and so do its tests.
    private static RunningProcess StartInItsOwnGroup(string folder, Dictionary<string, string> vars, params string[] arguments)
    {
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));
        (vars["PATH"], vars["HOME"], vars["TMPDIR"]) = ("/usr/local/bin:/usr/bin:/bin", folder, folder);
        return RunningProcess.Start("/usr/bin/env", ["--default-signal=INT", "setsid", dotnet, "exec", typeof(WorkerProcess).Assembly.Location, .. arguments], folder, vars);
    }

    private static int PidIn(string line)
    {
        string after = line[(line.LastIndexOf("pid ", StringComparison.Ordinal) + 4)..];
        return int.Parse(after.TakeWhile(char.IsAsciiDigit).ToArray(), CultureInfo.InvariantCulture);
    }
}
