using System.Globalization;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary>How a backfill ended, or how far it came.</summary>
/// <param name="Route">The route.</param>
/// <param name="Source">The source.</param>
/// <param name="Finished">Whether every record was stored.</param>
/// <param name="Stored">How many records were stored.</param>
/// <param name="Deleted">How many were told as deleted.</param>
/// <param name="PutOff">How often a record was read again, since a message about it came while it was read.</param>
/// <param name="Total">How many there were when it began; null where that is not known.</param>
/// <param name="Condition">Which records; null: all.</param>
/// <param name="DeletesSince">From when on deletes were told; null: none were.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="OpenGaps">The gaps of the source that are open still.</param>
internal sealed record BackfillReport(
    string Route, string Source, bool Finished, long Stored, long Deleted, long PutOff, long? Total, string? Condition, DateTimeOffset? DeletesSince,
    DateTimeOffset StartedAt, IReadOnlyList<long> OpenGaps)
{
    public static BackfillReport Of(Backfill at, IEnumerable<Gap> open) => new(
        at.Route, at.Source, at.FinishedAt is not null, at.Stored, at.Deleted, at.PutOff, at.Total, at.Condition, at.DeletesSince, at.StartedAt,
        [.. open.Select(gap => gap.Id)]);
}

/// <summary>A backfill in words.</summary>
internal static class BackfillText
{
    public static string Progress(Backfill at) => $"{at.Route}: {Number(at.Stored)}{OfTotal(at.Total)} records of {at.Source} stored";

    public static string Of(BackfillReport report) => string.Join(' ', Sentences(report));

    private static IEnumerable<string> Sentences(BackfillReport report)
    {
        if (!report.Finished)
        {
            yield return $"Interrupted. {Number(report.Stored)}{OfTotal(report.Total)} records are stored for route {report.Route}; type `bridge backfill {report.Route}` to go on.";
            yield break;
        }

        yield return $"Done: {Number(report.Stored)} records of {report.Source} are stored for route {report.Route}{Deletes(report)}. It runs them when their turn comes.";
        if (report.OpenGaps.Count > 0)
        {
            yield return report.Condition is null
                ? $"Gap {Numbers(report.OpenGaps)} stays open until every enabled route on {report.Source} was backfilled since it was noticed."
                : $"Gap {Numbers(report.OpenGaps)} stays open, since only some records were told.";
        }
    }

    private static string Deletes(BackfillReport report) =>
        report.DeletesSince is { } since ? $", and {Number(report.Deleted)} that were deleted since {since.UtcDateTime:u}" : "";

    private static string OfTotal(long? total) => total is { } known ? $" of {Number(known)}" : "";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Numbers(IEnumerable<long> numbers) => string.Join(", ", numbers);
}
