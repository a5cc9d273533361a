namespace SalesforceBridge.Messaging;

/// <summary>Where a new route starts in its source's log.</summary>
public enum RouteFrom
{
    /// <summary>After the newest message.</summary>
    Now,

    /// <summary>At the oldest kept message.</summary>
    Earliest,
}

/// <summary>Where a new subscription starts in what the org retains.</summary>
public enum RouteReplay
{
    /// <summary>With the next event.</summary>
    Tip,

    /// <summary>With the oldest retained event.</summary>
    Earliest,
}

/// <summary>What a NULL column does to its field.</summary>
public enum RouteNulls
{
    /// <summary>It clears the field.</summary>
    Clear,

    /// <summary>The field is left out, so it keeps its value.</summary>
    Omit,
}

/// <summary>What happens to later messages of a key when one of them is dead.</summary>
public enum WhenDead
{
    /// <summary>They go on.</summary>
    Continue,

    /// <summary>They wait until a person redrives or discards the dead one.</summary>
    Hold,
}

/// <summary>What happens to a delivery of which nobody knows whether it was made.</summary>
public enum WhenInDoubt
{
    /// <summary>It is made again.</summary>
    Repeat,

    /// <summary>It waits for a person.</summary>
    Park,
}

/// <summary>What becomes of fires of a schedule that nobody made in time.</summary>
public enum Misfire
{
    /// <summary>Together they make one message.</summary>
    Once,

    /// <summary>Each makes its own.</summary>
    All,

    /// <summary>They make none.</summary>
    Skip,
}

/// <summary>How changes of a table are found.</summary>
public enum TableMode
{
    /// <summary>Triggers of ours capture them.</summary>
    Capture,

    /// <summary>The table is read from time to time.</summary>
    Poll,
}

/// <summary>How often and when a failed message or delivery is tried again.</summary>
/// <param name="Attempts">Tries in all, the first included; 1 to 100.</param>
/// <param name="First">The wait after the first failure; it doubles with each further one.</param>
/// <param name="Longest">The longest wait.</param>
public sealed record RouteRetry(int Attempts, TimeSpan First, TimeSpan Longest)
{
    /// <summary>Twelve tries over about two and a half hours: a wait of 5 seconds that doubles up to one hour.</summary>
    public static RouteRetry Default { get; } = new(12, TimeSpan.FromSeconds(5), TimeSpan.FromHours(1));

    /// <summary>The wait after a failure, or null when the tries are spent.</summary>
    /// <param name="failures">The failures so far, at least 1.</param>
    public TimeSpan? WaitAfter(int failures)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(failures, 1);
        if (failures >= Attempts)
            return null;
        double seconds = First.TotalSeconds * Math.Pow(2, failures - 1);
        return seconds < Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : Longest;
    }
}

/// <summary>A SQL route, read and found whole.</summary>
public sealed record RouteDefinition
{
    /// <summary>The largest <c>batch</c>.</summary>
    public const int LargestBatch = 5000;

    /// <summary>The name of its file without <c>.sql</c>: a lower-case letter, then at most 62 lower-case letters, digits, - or _.</summary>
    public required string Name { get; init; }

    /// <summary>What wakes it.</summary>
    public required SourceName Source { get; init; }

    /// <summary>What it does.</summary>
    public required RouteAction Action { get; init; }

    /// <summary>The statement as written, with its comments and without the header lines. <see cref="SqlText"/> reads it.</summary>
    public required string Sql { get; init; }

    /// <summary>The line of the file that <see cref="Sql"/> starts on, from 1: adds up with the positions in a server's error.</summary>
    public int SqlLine { get; init; } = 1;

    /// <summary>An SQL expression over <c>message</c> whose value keeps messages in order, or null: the message's own key does.</summary>
    public string? KeyExpression { get; init; }

    /// <summary>Where the route starts when it is new. Default: now.</summary>
    public RouteFrom From { get; init; }

    /// <summary>Where its subscription starts when it is new. Default: the tip.</summary>
    public RouteReplay Replay { get; init; }

    /// <summary>What a NULL column does. Default: <see cref="SourceName.DefaultNulls"/>.</summary>
    public RouteNulls Nulls { get; init; }

    /// <summary>What a dead message does to its key. Default: nothing.</summary>
    public WhenDead WhenDead { get; init; }

    /// <summary>What becomes of a delivery in doubt. Default: <see cref="RouteAction.DefaultWhenInDoubt"/>.</summary>
    public WhenInDoubt WhenInDoubt { get; init; }

    /// <summary>How a failure is tried again.</summary>
    public RouteRetry Retry { get; init; } = RouteRetry.Default;

    /// <summary>How long one run of the statement, one call or one reply may take; 10 ms to 1 h. Default: 30 s, for a reply 5 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many messages one transaction takes, 1 to 5,000. Default: 500.</summary>
    public int Batch { get; init; } = 500;

    /// <summary>The name the route had before, so that it keeps its cursor; null if it never had another.</summary>
    public string? Was { get; init; }

    /// <summary>Whether the route runs. Default: yes.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Its deliveries are made with the token of whoever sent the message instead of the bridge's own. Default: no.</summary>
    public bool AsCaller { get; init; }

    /// <summary>The rows of a message are made in one call, all or none. Default: no.</summary>
    public bool Together { get; init; }

    /// <summary>What a callout's request must have; null where nothing is declared.</summary>
    public IReadOnlyList<RequestField>? Takes { get; init; }

    /// <summary>A reply is one row as an object instead of all rows as an array. Default: no.</summary>
    public bool RepliesOne { get; init; }

    /// <summary>What becomes of missed fires of its schedule. Default: one message for all of them.</summary>
    public Misfire Misfire { get; init; }

    /// <summary>Whose changes of a table wake it. Default: anybody's.</summary>
    public ChangeOrigin ChangesFrom { get; init; }

    /// <summary>Whose callouts wake it. Default: all but those that it may have caused itself.</summary>
    public CalloutsFrom CalloutsFrom { get; init; }

    /// <summary>The table whose errors wake it, where it is on Heroku Connect's; null: any table's.</summary>
    public MappedTable? ErrorsOf { get; init; }

    /// <summary>The columns of a table whose update wakes it; empty: any but what is an echo. Inserts and deletes wake it always.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Whether a hash of each row of its table is kept, so that missed changes can be told; null: as long as the table is small.</summary>
    public bool? Reconcile { get; init; }

    /// <summary>How changes of its table are found. Default: by triggers.</summary>
    public TableMode Mode { get; init; }

    /// <summary>Whether a query's source tells of deleted records too. Default: no.</summary>
    public bool Deletes { get; init; }

    /// <summary>Whether many deliveries may go as one job, where there is no order; null: unless it has a key.</summary>
    public bool? Bulk { get; init; }
}
