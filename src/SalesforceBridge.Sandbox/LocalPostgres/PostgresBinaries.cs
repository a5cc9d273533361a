using System.Diagnostics;

namespace SalesforceBridge.LocalPostgres;

/// <summary>Finds the installed PostgreSQL programs, and installs them where that is possible.</summary>
internal static class PostgresBinaries
{
    private const string DebianFolder = "/usr/lib/postgresql";

    /// <summary>The folder that holds <c>postgres</c> and <c>initdb</c>.</summary>
    /// <exception cref="InvalidOperationException">There is no PostgreSQL here and it cannot be installed; the message says what to do.</exception>
    public static async Task<string> FindOrInstallAsync(CancellationToken ct)
    {
        if (Find() is { } found)
            return found;

        if (Environment.UserName == "root" && File.Exists("/usr/bin/apt-get"))
        {
            await RunAsync("/usr/bin/apt-get", ["update", "-qq"], ct);
            await RunAsync("/usr/bin/apt-get", ["install", "-y", "-qq", "--no-install-recommends", "postgresql"], ct);
            if (Find() is { } installed)
                return installed;
        }

        throw new InvalidOperationException(
            "PostgreSQL is not installed here. Install it (Debian, Ubuntu: sudo apt-get install postgresql; macOS: brew install postgresql), " +
            "or set DATABASE_URL to a database that may be written to.");
    }

    private static string? Find()
    {
        IEnumerable<string> onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        IEnumerable<string> packaged = Directory.Exists(DebianFolder)
            ? Directory.GetDirectories(DebianFolder).OrderByDescending(VersionOf).Select(folder => Path.Combine(folder, "bin"))
            : [];
        return packaged.Concat(onPath).Where(folder => folder.Length > 0).FirstOrDefault(HasServer);
    }

    private static bool HasServer(string folder) =>
        File.Exists(Path.Combine(folder, "postgres")) && File.Exists(Path.Combine(folder, "initdb"));

    private static double VersionOf(string folder) =>
        double.TryParse(Path.GetFileName(folder), out double version) ? version : 0;

    private static async Task RunAsync(string program, string[] arguments, CancellationToken ct)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DEBIAN_FRONTEND"] = "noninteractive" },
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(ct);
        string errors = await process.StandardError.ReadToEndAsync(ct);
        await output;
        await process.WaitForExitAsync(ct);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {errors.Trim()}");
    }
}
