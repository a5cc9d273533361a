using System.Diagnostics;
using SalesforceBridge.Tests.Infrastructure;

[assembly: AssemblyFixture(typeof(PublishedBridge))]

namespace SalesforceBridge.Tests.Infrastructure;

/// <summary>
/// The app as Heroku's .NET buildpack leaves it: the tracked files, and beside each publishable project its <c>bin/publish</c>.
/// Published once per test run, when the first test asks.
/// </summary>
public sealed class PublishedBridge : IAsyncDisposable
{
    private readonly Lazy<Task<string>> _folder = new(PublishAsync);

    /// <summary>The app's folder, which Heroku calls <c>/app</c>.</summary>
    public Task<string> FolderAsync() => _folder.Value;

    /// <summary>The published program.</summary>
    public async Task<string> ProgramAsync() => Path.Combine(await FolderAsync(), "src/SalesforceBridge/bin/publish/bridge");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_folder.IsValueCreated)
            Directory.Delete(Path.GetDirectoryName(await _folder.Value)!, recursive: true);
    }

    private static async Task<string> PublishAsync()
    {
        string temporary = Directory.CreateTempSubdirectory("bridge-published-").FullName;
        string folder = Path.Combine(temporary, "app");
        await Repository.CopyTrackedFilesAsync(folder);
        await RunAsync(folder,
            "publish", "SalesforceBridge.sln", "--runtime", "linux-x64", "-p:PublishDir=bin/publish",
            "--artifacts-path", Path.Combine(temporary, "build_artifacts"));
        return folder;
    }

    private static async Task RunAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // The build that runs these tests must not colour this one, and no build server may outlive it holding its output.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";

        using Process publish = Process.Start(start)!;
        Task<string> errors = publish.StandardError.ReadToEndAsync();
        string output = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        publish.ExitCode.ShouldBe(0, $"{output}\n{await errors}");
    }
}
