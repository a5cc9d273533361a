using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>How far the backfill of a route is.</summary>
public sealed record Backfill
{
    /// <summary>The route.</summary>
    public required string Route { get; init; }

    /// <summary>The source whose records it is told.</summary>
    public required string Source { get; init; }

    /// <summary>Grows by one with each backfill of the route that begins.</summary>
    public long Epoch { get; init; }

    /// <summary>Which records; null for all.</summary>
    public string? Condition { get; init; }

    /// <summary>Where reading goes on; null at the beginning.</summary>
    public string? Position { get; init; }

    /// <summary>How many records there were when it began; null where that is not known.</summary>
    public long? Total { get; init; }

    /// <summary>How many records are stored.</summary>
    public long Stored { get; init; }

    /// <summary>How many records are told as deleted.</summary>
    public long Deleted { get; init; }

    /// <summary>How often a record was put off, since a message about it came while it was read.</summary>
    public long PutOff { get; init; }

    /// <summary>Deletes from then on were told; null where none were.</summary>
    public DateTimeOffset? DeletesSince { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When its last page was stored.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it came to its end; null while it has not.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    internal const string Columns =
        "route, source, epoch, condition, position, total, stored, deleted, put_off, deletes_since, started_at, updated_at, finished_at";

    internal static Backfill Read(NpgsqlDataReader row) => new()
    {
        Route = row.GetString(0),
        Source = row.GetString(1),
        Epoch = row.GetInt64(2),
        Condition = row.IsDBNull(3) ? null : row.GetString(3),
        Position = row.IsDBNull(4) ? null : row.GetString(4),
        Total = row.IsDBNull(5) ? null : row.GetInt64(5),
        Stored = row.GetInt64(6),
        Deleted = row.GetInt64(7),
        PutOff = row.GetInt64(8),
        DeletesSince = row.IsDBNull(9) ? null : row.GetFieldValue<DateTimeOffset>(9),
        StartedAt = row.GetFieldValue<DateTimeOffset>(10),
        UpdatedAt = row.GetFieldValue<DateTimeOffset>(11),
        FinishedAt = row.IsDBNull(12) ? null : row.GetFieldValue<DateTimeOffset>(12),
    };
}

/// <summary>What became of the wish to backfill a route.</summary>
public abstract record BackfillStart
{
    private BackfillStart()
    {
    }

    /// <summary>A new one began.</summary>
    public sealed record Began(Backfill Backfill) : BackfillStart;

    /// <summary>One that was interrupted goes on.</summary>
    public sealed record GoesOn(Backfill Backfill) : BackfillStart;

    /// <summary>It cannot begin; nothing was changed.</summary>
    /// <param name="Why">Why, and what to do.</param>
    public sealed record Refused(string Why) : BackfillStart;
}

/// <summary>Records as they were read, on their way into the inbox of one route.</summary>
/// <param name="Noted">The id of the source's newest message before they were read.</param>
/// <param name="Records">The records.</param>
public sealed record BackfillPage(long Noted, IReadOnlyList<BackfillRecord> Records)
{
    /// <summary>They are told as deleted: one about which a message came meanwhile is left out, and nobody reads it again.</summary>
    public bool AreDeleted { get; init; }

    /// <summary>From when on deletes are told; null where that was said before, or none are.</summary>
    public DateTimeOffset? DeletesSince { get; init; }
}

/// <summary>A record and the message that tells of it.</summary>
/// <param name="Id">The record's id, as messages of the source name it.</param>
/// <param name="Message">The message; its dedupe key does not count.</param>
public sealed record BackfillRecord(string Id, NewMessage Message);

/// <summary>Somebody else moved the backfill of this route, or began it anew; nothing of the step was written.</summary>
public sealed class BackfillTakenException(string route) : Exception($"another session works on the backfill of route {route}");
