using System.Diagnostics;

namespace SalesforceBridge.Tests.Infrastructure;

/// <summary>The checked-out repository these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(string file) => Path.Combine(Root, file);

    /// <summary>Copies what git tracks, as a push to Heroku would.</summary>
    public static async Task CopyTrackedFilesAsync(string target)
    {
        foreach (string file in await TrackedFilesAsync())
        {
            string copy = Path.Combine(target, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(PathOf(file), copy);
        }
    }

    private static async Task<IEnumerable<string>> TrackedFilesAsync()
    {
        using Process git = Process.Start(new ProcessStartInfo("git", ["ls-files", "-z"])
        {
            WorkingDirectory = Root,
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        string files = await git.StandardOutput.ReadToEndAsync();
        await git.WaitForExitAsync();
        git.ExitCode.ShouldBe(0);
        return files.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(file => File.Exists(PathOf(file)));
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "SalesforceBridge.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("No SalesforceBridge.sln above the tests.");
        return folder.FullName;
    }
}
