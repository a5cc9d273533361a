using System.Diagnostics;
using System.Security.Cryptography;

namespace SalesforceBridge.InteropTests.Node;

/// <summary>The npm packages that the scripts need, installed beside the test assembly once for each content of the lock file.</summary>
public static class NodePackages
{
    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(200);
    private static readonly Lazy<Task> Installed = new(() => InstallAsync(CancellationToken.None));

    /// <summary>Where scripts and packages are.</summary>
    public static string Folder => AppContext.BaseDirectory;

    private static string StampFile => Path.Combine(Folder, "node_modules", ".installed");

    /// <summary>Waits until the packages are there; the first caller installs them.</summary>
    public static Task EnsureInstalledAsync(CancellationToken ct) => Installed.Value.WaitAsync(ct);

    private static async Task InstallAsync(CancellationToken ct)
    {
        string wanted = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Folder, "package-lock.json"), ct)));
        await using FileStream guard = await LockAsync(Path.Combine(Folder, ".npm-ci.lock"), ct);
        if (File.Exists(StampFile) && await File.ReadAllTextAsync(StampFile, ct) == wanted)
            return;

        await RunNpmAsync(ct);
        await File.WriteAllTextAsync(StampFile, wanted, ct);
    }

    // Another test process may be installing into the same folder.
    private static async Task<FileStream> LockAsync(string path, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(LockRetry, TimeProvider.System, ct);
            }
        }
    }

    private static async Task RunNpmAsync(CancellationToken ct)
    {
        using Process npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-progress"])
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException("npm did not start; install Node 20 or later, with npm.");
        Task<string> output = npm.StandardOutput.ReadToEndAsync(ct);
        string errors = await npm.StandardError.ReadToEndAsync(ct);
        await npm.WaitForExitAsync(ct);
        if (npm.ExitCode != 0)
            throw new InvalidOperationException($"npm ci ended with {npm.ExitCode}: {errors}{await output}");
    }
}
