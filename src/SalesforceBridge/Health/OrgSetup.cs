using SalesforceBridge.Configuration;

namespace SalesforceBridge.Health;

/// <summary>Whether the bridge has been told how to sign in to the org.</summary>
internal sealed class OrgSetup(OrgCredentials credentials) : IReadinessCheck
{
    public string Name => "credentials";

    public Readiness Current => credentials is OrgCredentials.Missing missing
        ? new Readiness.SetupNeeded(Describe(missing), "Set them: heroku config:set NAME=VALUE. The page at / tells what each holds.")
        : new Readiness.Ready();

    /// <summary>What is missing, in a sentence.</summary>
    public static string Describe(OrgCredentials.Missing missing) =>
        $"Still to be set: {string.Join("; or ", missing.Ways.Select(way => string.Join(", ", way.Vars.Select(item => item.Variable))))}";
}
