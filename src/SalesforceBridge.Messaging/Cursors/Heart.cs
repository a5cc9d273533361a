using Microsoft.Extensions.Logging;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Says on a connection of its own that this worker lives, and hears what other processes tell. When it could not say so
/// for nearly a lease's time, the work must stop before another worker takes it.
/// </summary>
internal sealed partial class Heart(BridgeDatabase database, Guid worker, Bells bells, TimeProvider time, ILogger logger)
{
    private readonly Pause _pause = new(database.Options, time);

    private readonly string _beat = $"""
        insert into {database.Schema}.worker (id, dyno, version, seen_at) values ($1, $2, $3, clock_timestamp())
        on conflict (id) do update set seen_at = clock_timestamp()
        """;

    private long _lastBeat;
    private long _unbrokenSince;

    /// <summary>Whether the last beat is recent enough that nobody else can have taken this worker's cursors.</summary>
    public bool IsSure => time.GetElapsedTime(Interlocked.Read(ref _lastBeat)) < LongestSilence;

    private TimeSpan LongestSilence => database.Options.Lease - database.Options.Heartbeat;

    /// <summary>Whether that was so ever since a moment: beating again does not bring back what others may have taken meanwhile.</summary>
    /// <param name="moment">A timestamp of the clock.</param>
    public bool IsSureSince(long moment) => IsSure && Interlocked.Read(ref _unbrokenSince) <= moment;

    /// <summary>Beats until it is told to stop; a lost connection is made anew.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await using NpgsqlConnection connection = await database.OpenAsync(ct);
                connection.Notification += (_, told) => bells.Ring(told.Payload);
                await ListenAsync(connection, ct);
                bells.RingAll();
                _pause.Reset();
                while (true)
                {
                    await BeatAsync(connection, ct);
                    await HearAsync(connection, ct);
                }
            }
            catch (Exception error) when (!ct.IsCancellationRequested)
            {
                LogLost(StepErrors.CodeOf(error) ?? error.GetType().Name);
                await _pause.WaitAsync(ct);
            }
        }
    }

    /// <summary>One beat outside the loop, so that a worker is known before it takes anything.</summary>
    public async Task BeatAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await BeatAsync(connection, ct);
    }

    /// <summary>The worker is gone, and says so: its cursors are free at once.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection,
        [
            Sql.Command($"""
                with mine as materialized (select name from {database.Schema}.cursor where worker = $1 order by name for no key update)
                update {database.Schema}.cursor c set worker = null, updated_at = now() from mine where c.name = mine.name
                """, worker),
            Sql.Command($"delete from {database.Schema}.worker where id = $1 or seen_at < clock_timestamp() - interval '1 day'", worker),
        ], ct);
    }

    private async Task BeatAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        long begun = time.GetTimestamp();
        using var limit = new Deadline(database.Options.Lease, time, ct);
        await Sql.ExecuteAsync(connection, [Sql.Command(_beat, worker, database.Options.Dyno, database.Options.Version)], limit.Token);
        if (time.GetElapsedTime(Interlocked.Read(ref _lastBeat), begun) >= LongestSilence)
            Interlocked.Exchange(ref _unbrokenSince, begun);
        Interlocked.Exchange(ref _lastBeat, begun);
    }

    private async Task ListenAsync(NpgsqlConnection connection, CancellationToken ct) =>
        await Sql.ExecuteAsync(connection, [new NpgsqlBatchCommand($"listen {database.Schema}")], ct);

    // Notifications come one by one until the time for the next beat. A wait of no whole millisecond would never end.
    private async Task HearAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        long begun = time.GetTimestamp();
        for (TimeSpan left = database.Options.Heartbeat; left >= TimeSpan.FromMilliseconds(1); left = database.Options.Heartbeat - time.GetElapsedTime(begun))
            await connection.WaitAsync(left, ct);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The heartbeat's connection was lost ({Cause}); it is made anew")]
    private partial void LogLost(string cause);
}
