namespace SalesforceBridge.Tests.Infrastructure;

/// <summary>Starts commands in the published app as a dyno does: a login shell whose HOME is the app, nothing else in the environment.</summary>
internal sealed class Dyno(string app)
{
    // As the buildpack sets them.
    private static readonly string Runtime = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../.."));

    private readonly Dictionary<string, string> _environment = new()
    {
        ["HOME"] = app,
        ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
        ["DOTNET_ROOT"] = Runtime,
        ["DOTNET_RUNNING_IN_CONTAINER"] = "true",
        ["DOTNET_EnableWriteXorExecute"] = "0",
    };

    /// <summary>The commands of the repository's Procfile by process type.</summary>
    public static IReadOnlyDictionary<string, string> Procfile { get; } = File.ReadLines(Repository.PathOf("Procfile"))
        .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
        .ToDictionary(parts => parts[0], parts => parts[1]);

    /// <summary>What the Deploy button gives an app: a database and generated secrets.</summary>
    public Dyno FreshFromDeployButton(string databaseUrl) => With("DATABASE_URL", databaseUrl)
        .With("SALESFORCE_LOGIN_URL", "https://login.salesforce.com")
        .With("BRIDGE_CALLOUT_SECRETS", new string('a', 64))
        .With("BRIDGE_ENCRYPTION_KEY", new string('b', 64))
        .With("BRIDGE_CONSOLE_PASSWORD", new string('c', 64));

    public Dyno With(string name, string value)
    {
        _environment[name] = value;
        return this;
    }

    /// <summary>Runs a line of the Procfile.</summary>
    public RunningProcess Start(string processType) => Run(Procfile[processType]);

    /// <summary>Runs a command as <c>heroku run</c> does. Tests that run in the background ignore Ctrl-C, and so would whatever they start.</summary>
    public RunningProcess Run(string command) =>
        RunningProcess.Start("/usr/bin/env", ["--default-signal=INT", "/bin/bash", "-lc", command], app, _environment);

    /// <summary>Where a web process of ours listens, from its log.</summary>
    public static async Task<Uri> AddressOf(RunningProcess web)
    {
        string line = await web.LineWithAsync("event=listening");
        return new Uri(line.Split("url=")[1].Replace("[::]", "127.0.0.1"));
    }
}
