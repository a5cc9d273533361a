using Microsoft.Extensions.Logging;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Runs a route while its cursor is held: batches as they come, failures when they are due. Errors blame someone: the
/// message is recorded and passed, the route stops and keeps its position, the database is waited for.
/// </summary>
internal sealed partial class RouteRunner(
    BridgeDatabase database, Cursors cursors, Bells bells, RouteProgram program, TimeProvider time, ILogger logger) : ILeasedWork
{
    private readonly OneByOne _oneByOne = new(program);
    private readonly Pause _pause = new(database.Options, time);
    private int _limit = program.Route.Batch;
    private int _lostConnections;

    /// <inheritdoc/>
    public string Cursor => program.Statements.Cursor;

    private RouteDefinition Route => program.Route;

    /// <inheritdoc/>
    public async Task RunAsync(Lease lease, CancellationToken ct)
    {
        var held = new HeldCursor(database, cursors, lease);
        using Bell bell = bells.Listen(Route.Source.ToString(), Cursor);
        while (!ct.IsCancellationRequested)
        {
            try
            {
                TimeSpan rest = await StepAsync(held, ct);
                _pause.Reset();
                _lostConnections = 0;
                if (rest > TimeSpan.Zero)
                    await bell.WaitAsync(rest, ct);
            }
            catch (Exception error) when (!ct.IsCancellationRequested)
            {
                await BlameAsync(held, error, ct);
            }
        }
    }

    /// <returns>How long there is nothing to do, unless the bell rings.</returns>
    private async Task<TimeSpan> StepAsync(HeldCursor held, CancellationToken ct)
    {
        CursorState state = await held.ReadAsync(ct);
        if (state.ProbeIn > TimeSpan.Zero)
            return Least(state.ProbeIn, database.Options.Idle);
        if (state.Careful)
            await new CarefulPass(database, program, held).RunAsync(ct);

        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await RunUntilDryAsync(connection, held, state.Stopped is not null, ct);
    }

    private async Task<TimeSpan> RunUntilDryAsync(NpgsqlConnection connection, HeldCursor held, bool stopped, CancellationToken ct)
    {
        Outlook outlook = await OutlookAsync(connection, ct);
        while (true)
        {
            int retried = outlook.Open == 0 ? 0 : await _oneByOne.RunHeadsAsync(connection, held.Lease, _limit, ct);
            RouteStep step = outlook.IsFull ? default : await program.RunBatchAsync(connection, held.Lease, stopped ? 1 : _limit, ct);
            if (step.Sent > 0 || retried > 0)
                bells.Ring(CursorName.Lane(Route.Name));
            if (stopped)
                await held.ResumeAsync(ct);
            stopped = false;
            _limit = Math.Min(_limit * 2, Route.Batch);
            if (outlook.Open > 0 || step.Parked > 0)
                outlook = await OutlookAsync(connection, ct);
            if (ct.IsCancellationRequested || (step.Taken == 0 && retried == 0))
                return Least(outlook.Due ?? database.Options.Idle, database.Options.Idle);
        }
    }

    private async Task<Outlook> OutlookAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        Outlook outlook = await program.Statements.ReadOutlookAsync(connection, database.Options.WaitingLimit, ct);
        if (outlook.IsFull)
            await Sql.ExecuteAsync(connection, [Alerts.Raise(database.Schema, $"{Cursor} waits",
                $"{outlook.Open} messages of route {Route.Name} wait behind failures; redrive or discard the first of their key, then the route goes on.")], ct);
        return outlook;
    }

    private async Task BlameAsync(HeldCursor held, Exception error, CancellationToken ct)
    {
        switch (StepErrors.BlameFor(error))
        {
            case Blame.Lease:
                throw new LeaseLostException($"{Cursor} is held by another worker now", error);
            case Blame.Moved:
                break;
            case Blame.Route:
                LogStopped(Route.Name, StepErrors.CodeOf(error));
                await TryAgainstDatabaseAsync(() => held.StopAsync(StepErrors.Describe(error), database.Options.RouteProbe, ct), ct);
                break;
            case Blame.TooSlow when _limit > 1:
                _limit /= 2;
                break;
            case Blame.Message or Blame.TooSlow:
                await BlameMessageAsync(held, ct);
                break;
            default:
                await WaitAsync(held, error, ct);
                break;
        }
    }

    private async Task BlameMessageAsync(HeldCursor held, CancellationToken ct)
    {
        try
        {
            await using NpgsqlConnection connection = await database.OpenAsync(ct);
            await _oneByOne.RunWindowAsync(connection, held.Lease, _limit, ct);
        }
        catch (Exception error) when (!ct.IsCancellationRequested && StepErrors.BlameFor(error) is not (Blame.Message or Blame.TooSlow))
        {
            await BlameAsync(held, error, ct);
        }
    }

    // Twice in one place: the message that runs there may be what ends the connection.
    private async Task WaitAsync(HeldCursor held, Exception error, CancellationToken ct)
    {
        LogPassing(Route.Name, StepErrors.CodeOf(error) ?? error.GetType().Name);
        if (StepErrors.EndedConnection(error) && ++_lostConnections == 2)
            await TryAgainstDatabaseAsync(() => SetCarefulUnlessItIsAsync(held, ct), ct);
        await _pause.WaitAsync(ct);
    }

    private static async Task SetCarefulUnlessItIsAsync(HeldCursor held, CancellationToken ct)
    {
        CursorState state = await held.ReadAsync(ct);
        if (!state.Careful)
            await held.SetCarefulAsync(careful: true, ct);
    }

    private async Task TryAgainstDatabaseAsync(Func<Task> action, CancellationToken ct)
    {
        try
        {
            await action();
        }
        catch (Exception error) when (!ct.IsCancellationRequested && StepErrors.BlameFor(error) == Blame.Passing)
        {
            await _pause.WaitAsync(ct);
        }
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    [LoggerMessage(Level = LogLevel.Error, Message = "Route {Route} stopped ({SqlState}): see `bridge routes list`; it keeps its place and tries again by itself")]
    private partial void LogStopped(string route, string? sqlState);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Route {Route} waits for the database ({Cause})")]
    private partial void LogPassing(string route, string cause);
}
