using System.Globalization;
using SalesforceBridge.Configuration;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Sources;

namespace SalesforceBridge.Health;

/// <summary>Says whether the org speaks the API's version that is set, and for how long it will.</summary>
/// <param name="version">The version, as <c>62.0</c>.</param>
/// <param name="org">The org.</param>
/// <param name="streams">The channels that routes listen to.</param>
internal sealed class ApiVersionExamination(string version, SalesforceClient org, IReadOnlyCollection<StreamSource> streams)
{
    private const string Part = "api version";
    private const decimal OldestWithStreams = 37;
    private const decimal OldestWithEventIds = 52;

    // Announced by Salesforce in its article 005321531.
    private const decimal NewestDeprecated = 40;
    private const string Deprecation = "is deprecated with Summer '27 and retired with Summer '28";

    public async Task<Finding> ExamineAsync(CancellationToken ct)
    {
        try
        {
            return Judge(version, [.. (await org.GetAvailableRestApiVersionsAsync(ct)).Select(known => Number(known.Version)).OfType<decimal>()], streams);
        }
        catch (SalesforceException refused)
        {
            var unasked = Unasked.Of(refused);
            return Finding.Warn(Part, $"is {version}; which ones the org speaks was not asked: {unasked.Why}", unasked.Fix);
        }
    }

    /// <summary>What a version is worth where the org speaks these.</summary>
    public static Finding Judge(string version, IReadOnlyList<decimal> spoken, IReadOnlyCollection<StreamSource> streams)
    {
        if (spoken.Count == 0 || Number(version) is not { } number)
            return Finding.Warn(Part, $"is {version}; the org did not say which ones it speaks", "See the org's /services/data in a browser.");
        string theirs = $"the org speaks {Text(spoken.Min())} to {Text(spoken.Max())}";
        string cure = $"Set another: heroku config:set {ConfigVar.ApiVersion}={Text(spoken.Max())}";
        return number switch
        {
            _ when number < spoken.Min() => Finding.Fail(Part, $"{version} is retired: {theirs}", cure),
            _ when !spoken.Contains(number) => Finding.Fail(Part, $"{version} is not spoken: {theirs}", cure),
            < OldestWithStreams when streams.Count > 0 => Finding.Fail(Part, $"{version} has no channels, which routes listen to; they begin with {Text(OldestWithStreams)}", cure),
            <= NewestDeprecated => Finding.Warn(Part, $"{version} {Deprecation}; {theirs}", cure),
            < OldestWithEventIds when streams.Any(stream => stream.Channel.StartsWith("/event/", StringComparison.Ordinal)) => Finding.Warn(
                Part, $"{version} gives events no id, so that a repeated one is told by its position and date; ids begin with {Text(OldestWithEventIds)}", cure),
            _ => Finding.Ok(Part, $"{version}; {theirs}"),
        };
    }

    private static decimal? Number(string version) =>
        decimal.TryParse(version, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number) ? number : null;

    private static string Text(decimal version) => version.ToString("0.0", CultureInfo.InvariantCulture);
}
