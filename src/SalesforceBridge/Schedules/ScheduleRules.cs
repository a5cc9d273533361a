using SalesforceBridge.Messaging;

namespace SalesforceBridge.Schedules;

/// <summary>What is wrong with a route's schedule, a sentence each.</summary>
internal static class ScheduleRules
{
    /// <summary>What keeps a route from running beside others.</summary>
    public static IEnumerable<string> FaultsOf(RouteDefinition route, IEnumerable<RouteDefinition> others)
    {
        if (!route.Source.IsSchedule)
            yield break;
        if (Unreadable(route.Source) is { } fault)
            yield return $"on: {fault}";
        if (others.FirstOrDefault(other => other.Enabled && route.Enabled && other.Source == route.Source && other.Misfire != route.Misfire) is { } other)
        {
            yield return $"`misfire: {Word(route.Misfire)}` differs from `misfire: {Word(other.Misfire)}` of route {other.Name}, "
                + $"and `{route.Source}` fires once for both; write the same in both files";
        }
    }

    /// <summary>Why a schedule that can be read will not wake a route from now on; null when it will.</summary>
    public static string? OverSince(RouteDefinition route, DateTimeOffset now) =>
        route.Source.IsSchedule && Schedule.Of(route.Source).NextAfter(now) is null
            ? $"on: `{route.Source}` does not fire any more; correct the year, or remove the route"
            : null;

    /// <summary>A policy as a header writes it.</summary>
    public static string Word(Misfire misfire) => misfire.ToString().ToLowerInvariant();

    private static string? Unreadable(SourceName source)
    {
        try
        {
            Schedule.Of(source);
            return null;
        }
        catch (FormatException fault)
        {
            return fault.Message;
        }
    }
}
