using SalesforceBridge.Messaging;

namespace SalesforceBridge.Health;

/// <summary>Repeats what the bridge has found out by itself and nobody has seen to yet.</summary>
internal static class AlertExamination
{
    public static IEnumerable<Finding> Judge(IReadOnlyList<SourceStatus> sources, IReadOnlyList<Alert> alerts)
    {
        HashSet<string> ofSources = [.. sources.SelectMany(source => source.Alerts)];
        return
        [
            .. sources.SelectMany(source => source.Alerts.Select(alert => Finding.Warn(source.Name, alert, null))),
            .. alerts.Where(alert => !ofSources.Contains(alert.What)).Select(alert => Finding.Warn(alert.Name, alert.What, null)),
        ];
    }
}
