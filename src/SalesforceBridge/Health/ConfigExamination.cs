using SalesforceBridge.Configuration;

namespace SalesforceBridge.Health;

/// <summary>Says whether the config vars can be used, and by which of them the bridge signs in to the org.</summary>
internal static class ConfigExamination
{
    public static IEnumerable<Finding> Judge(Reading<BridgeSettings> reading) => reading switch
    {
        Reading<BridgeSettings>.Invalid(var faults) => faults.Select(fault => Finding.Fail(fault.Name, fault.Why, fault.Fix)),
        Reading<BridgeSettings>.Valid(var settings) => [Finding.Ok("config vars", "can be used"), .. Judge(settings.Org, settings.Dyno.AppName)],
        _ => [],
    };

    private static IEnumerable<Finding> Judge(OrgSettings org, string? app) =>
    [
        org.Credentials is OrgCredentials.Missing missing
            ? Finding.Fail("credentials", OrgSetup.Describe(missing), $"One way: {missing.Ways[0].CommandFor(app)}")
            : Finding.Ok("credentials", $"are complete: {org.Credentials.GetType().Name}"),
        .. org.Warnings.Select(warning => Finding.Warn("credentials", warning, null)),
    ];
}
