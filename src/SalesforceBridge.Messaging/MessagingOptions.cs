namespace SalesforceBridge.Messaging;

/// <summary>How the middle keeps time and how much it keeps. The defaults are DESIGN's; tests use shorter times.</summary>
public sealed record MessagingOptions
{
    /// <summary>The name of the schema. Default <c>bridge</c>.</summary>
    public string Schema { get; init; } = "bridge";

    /// <summary>The dyno, or any other name by which a person knows this process. Default: the machine's name.</summary>
    public string Dyno { get; init; } = Environment.MachineName;

    /// <summary>The program's version, shown by status.</summary>
    public string Version { get; init; } = "";

    /// <summary>How often a worker says that it lives. Default 5 s.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Unseen for this long by the database's clock, a worker loses its cursors. Default 15 s; at least three heartbeats.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a worker looks for cursors that nobody holds. Default 2 s.</summary>
    public TimeSpan Claim { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a route or lane looks for work that nobody told it of. Default 10 s.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>First pause after a passing fault of the database or the org; doubles with jitter up to <see cref="LongestPause"/>. Default 200 ms.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest pause after passing faults. Default 30 s.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stopped route stands still before it tries one batch. Default 1 min.</summary>
    public TimeSpan RouteProbe { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a stopped lane stands still before it tries one delivery. Default 5 min.</summary>
    public TimeSpan LaneProbe { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How many deliveries that may go as one job must wait in a lane until they do. Default 2,000.</summary>
    public int JobFrom { get; init; } = 2_000;

    /// <summary>How many deliveries one job holds at most. Default 50,000.</summary>
    public int JobLimit { get; init; } = 50_000;

    /// <summary>A message that went through more routes than this is dead-lettered: a loop. Default 8.</summary>
    public int HopLimit { get; init; } = 8;

    /// <summary>How many messages may wait behind one key before the route takes no new ones. Default 10,000.</summary>
    public int WaitingLimit { get; init; } = 10_000;

    /// <summary>How long messages, deliveries and outcomes are kept once nothing needs them. Default 7 days.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How often the triggers of watched tables are checked. Default 5 min.</summary>
    public TimeSpan TableCare { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often Heroku Connect's logs are looked at for errors. Default 60 s.</summary>
    public TimeSpan HerokuConnectLook { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long triggers go on capturing when no worker is there. Default 3 days.</summary>
    public TimeSpan CaptureAhead { get; init; } = TimeSpan.FromDays(3);

    /// <summary>How long nothing may change in a table until a reload of it counts as over. Default 60 s.</summary>
    public TimeSpan ReloadQuiet { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a table with <c>mode: poll</c> is asked for newly stamped rows; seldomer where that would take more than a tenth of the time. Default 1 min.</summary>
    public TimeSpan TablePoll { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How much later than its stamp says a row may appear and still be found by the next poll. Default 15 min; a reconcile finds the others.</summary>
    public TimeSpan PollOverlap { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How often a polled table is compared as a whole; seldomer where that would take more than a fiftieth of the time. Default 15 min.</summary>
    public TimeSpan PollReconcile { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Up to how many rows a table has a baseline unless its route says otherwise. Default 100,000.</summary>
    public int BaselineLimit { get; init; } = 100_000;

    /// <summary>What the schema may occupy, in bytes. Default 400 MB.</summary>
    public long Storage { get; init; } = 400L * 1024 * 1024;
}
