using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Schedules;

/// <summary>A source that is a schedule, as the routes on it say.</summary>
/// <param name="Source">Its name.</param>
/// <param name="Schedule">When it fires.</param>
/// <param name="Misfire">What becomes of missed fires.</param>
internal sealed record ScheduledSource(string Source, Schedule Schedule, Misfire Misfire)
{
    /// <summary>The schedules that routes are on, once each; those of routes that do not run are not.</summary>
    public static IReadOnlyList<ScheduledSource> Of(IEnumerable<RouteDefinition> routes) =>
    [
        .. routes.Where(route => route is { Enabled: true, Source.IsSchedule: true }).DistinctBy(route => route.Source.ToString())
            .Select(route => new ScheduledSource(route.Source.ToString(), Schedule.Of(route.Source), route.Misfire)),
    ];
}

/// <summary>What a schedule puts into the inbox.</summary>
internal static class ScheduleMessages
{
    /// <summary>The message of a fire. However many make it, its dedupe key lets one through.</summary>
    public static NewMessage Of(ScheduledSource schedule, Fire fire) => MessageOf(schedule, fire, Text(fire.ScheduledAt));

    /// <summary>A message that a person asks for between the fires.</summary>
    public static NewMessage OfRun(ScheduledSource schedule, DateTimeOffset now) => MessageOf(schedule, new Fire(now, 0), $"run {Text(now)}");

    /// <summary>A time as it stands in positions, dedupe keys and payloads.</summary>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>A stored position; null where it is none of ours.</summary>
    public static DateTimeOffset? TimeOf(string? position) =>
        DateTimeOffset.TryParse(position, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time) ? time : null;

    private static NewMessage MessageOf(ScheduledSource schedule, Fire fire, string dedupeKey) =>
        new(schedule.Source, JsonSerializer.SerializeToUtf8Bytes(new SchedulePayload(Text(fire.ScheduledAt), fire.Missed, LocalText(schedule.Schedule.Zone, fire)), ScheduleJson.Default.SchedulePayload))
        {
            DedupeKey = dedupeKey,
            OccurredAt = fire.ScheduledAt,
        };

    private static string? LocalText(TimeZoneInfo? zone, Fire fire) => zone is null
        ? null
        : TimeZoneInfo.ConvertTime(fire.ScheduledAt, zone).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture);
}

/// <summary>What routes read of a fire.</summary>
/// <param name="ScheduledAt">The time it was made for, in UTC.</param>
/// <param name="Missed">How many earlier fires it stands for.</param>
/// <param name="LocalTime">The same time in the zone that the schedule names; null where it names none.</param>
internal sealed record SchedulePayload(string ScheduledAt, long Missed, string? LocalTime);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SchedulePayload))]
internal sealed partial class ScheduleJson : JsonSerializerContext;
