using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>Whom an error of the database blames.</summary>
internal enum Blame
{
    /// <summary>Nobody: the database or the way to it; the batch is tried again.</summary>
    Passing,

    /// <summary>The statement took too long; in a batch the batch, alone the message.</summary>
    TooSlow,

    /// <summary>The route's own statement, or the database's shape; the route stops and keeps its position.</summary>
    Route,

    /// <summary>The message.</summary>
    Message,

    /// <summary>Our hold on the cursor: another worker has it.</summary>
    Lease,

    /// <summary>The position was moved by somebody during the step, which starts over.</summary>
    Moved,
}

/// <summary>The one table of SQLSTATE classes.</summary>
internal static class StepErrors
{
    public const string LeaseLost = "BR001";
    public const string PositionMoved = "BR002";

    // A prepared statement whose table was altered: Npgsql prepares it anew the next time.
    private const string StalePlan = "RevalidateCachedQuery";

    public static Blame BlameFor(Exception error) => error switch
    {
        PostgresException { SqlState: "0A000", Routine: StalePlan } => Blame.Passing,
        PostgresException postgres => BlameFor(postgres.SqlState),
        NpgsqlException or TimeoutException or IOException => Blame.Passing,
        InvalidOperationException { InnerException: NpgsqlException } => Blame.Passing,
        LeaseLostException => Blame.Lease,
        RouteUnfitException => Blame.Route,
        _ => Blame.Message,
    };

    public static Blame BlameFor(string sqlState) => sqlState switch
    {
        LeaseLost => Blame.Lease,
        PositionMoved => Blame.Moved,
        "57014" => Blame.TooSlow,
        "25006" or "25P03" or "26000" or "55P03" => Blame.Passing,
        "XX001" or "XX002" => Blame.Route,
        _ => sqlState[..2] switch
        {
            "08" or "40" or "53" or "57" or "58" => Blame.Passing,
            "0A" or "28" or "3D" or "3F" or "42" => Blame.Route,
            _ => Blame.Message,
        },
    };

    /// <summary>What a person reads: the code and the text, and never the row that PostgreSQL may quote in its detail.</summary>
    public static string Describe(Exception error) => error switch
    {
        PostgresException postgres => $"{postgres.SqlState}: {postgres.MessageText}",
        RouteUnfitException or HandlerFailedException => error.Message,
        _ => $"{error.GetType().Name}: {error.Message}",
    };

    public static string? CodeOf(Exception error) => (error as PostgresException)?.SqlState;

    /// <summary>Whether the connection went, so that the message that ran may be what ended the process behind it.</summary>
    public static bool EndedConnection(Exception error) =>
        error is NpgsqlException and not PostgresException or PostgresException { SqlState: ['5', '7', 'P', ..] or ['0', '8', ..] or "25P03" };
}

/// <summary>A route whose statement the database does not take; each reason says what to do.</summary>
internal sealed class RouteUnfitException(IReadOnlyList<string> faults) : Exception(string.Join("; ", faults));
