using Microsoft.Extensions.Logging;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Runs a route while its cursor is held: batches as they come, failures when they are due. Errors blame someone: the
/// message is recorded and passed, the route stops and keeps its position, the database is waited for.
/// </summary>
internal sealed partial class RouteRunner(
    BridgeDatabase database, Cursors cursors, Bells bells, RoutePreparation preparation, TimeProvider time, ILogger logger) : ILeasedWork
{
    private readonly Pause _pause = new(database.Options, time);
    private readonly string _source = preparation.Route.Source.ToString();

    private RouteProgram? _program;
    private int _limit = preparation.Route.Batch;
    private bool _messagesRun;
    private int _lostConnections;
    private bool? _isFull;
    private bool _isTaken;

    /// <inheritdoc/>
    public string Cursor => preparation.Statements.Cursor;

    private RouteDefinition Route => preparation.Route;

    /// <inheritdoc/>
    public async Task RunAsync(Lease lease, CancellationToken ct)
    {
        var held = new HeldCursor(database, cursors, lease);
        (_program, _isFull, _isTaken) = (null, null, true);
        using Bell bell = bells.Listen(_source, Cursor);
        while (!ct.IsCancellationRequested)
        {
            try
            {
                _messagesRun = false;
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
        if (_program is null && await IsStandingStillAsync(held, ct) is { } still)
            return still;
        _program ??= await preparation.PrepareAsync(ct);

        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        CursorState state = await held.LookAsync(connection, _source, preparation.Statements.More, ct);
        if (state.ProbeIn > TimeSpan.Zero)
            return state.Rest(database.Options.Idle);
        if (_isFull != state.IsFull)
            await held.TellFullAsync(connection, state.IsFull, ct);
        _isFull = state.IsFull;

        if (_isTaken && state.Careful && !_program.RunsInThisProcess)
            await held.ForgetTriesAsync(connection, ct);
        (_isTaken, _messagesRun) = (false, true);
        int ran = state.Careful ? 0 : await RunAsync(_program, connection, held.Lease, state, ct);
        if (state.Careful)
            await new CarefulPass(database, _program, held, connection).RunAsync(ct);
        if (state.IsStopped)
            await held.ResumeAsync(connection, ct);
        return ran > 0 || state.Careful ? TimeSpan.Zero : state.Rest(database.Options.Idle);
    }

    // To prepare takes a connection of its own, so nothing is held meanwhile; and a stopped route prepares only when it probes.
    private async Task<TimeSpan?> IsStandingStillAsync(HeldCursor held, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        CursorState state = await held.LookAsync(connection, _source, preparation.Statements.More, ct);
        return state.ProbeIn > TimeSpan.Zero ? state.Rest(database.Options.Idle) : null;
    }

    /// <returns>How many messages ran or passed.</returns>
    private async Task<int> RunAsync(RouteProgram program, NpgsqlConnection connection, Lease lease, CursorState state, CancellationToken ct)
    {
        int limit = state.IsStopped ? 1 : _limit;
        int retried = state.IsReady ? await new OneByOne(program).RunHeadsAsync(connection, lease, limit, ct) : 0;
        RouteStep step = state.HasMore && !state.IsFull ? await program.RunBatchAsync(connection, lease, limit, ct) : default;
        _limit = Math.Min(_limit * 2, Route.Batch);
        if (step.Sent > 0 || retried > 0)
            bells.Ring(CursorName.Lane(Route.Name));
        return step.Taken + retried;
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
                await StopAsync(held, error, ct);
                break;
            case Blame.TooSlow when _limit > 1:
                _limit /= 2;
                break;
            case Blame.Message or Blame.TooSlow when _program is { } program:
                await BlameMessageAsync(program, held, ct);
                break;
            default:
                await WaitAsync(held, error, ct);
                break;
        }
    }

    // Its statement is prepared anew before the next try: what it is made of may have changed.
    private async Task StopAsync(HeldCursor held, Exception error, CancellationToken ct)
    {
        _program = null;
        if (error is RouteUnfitException)
            LogUnfit(Route.Name, error.Message);
        else
            LogStopped(Route.Name, StepErrors.CodeOf(error));
        await TryAgainstDatabaseAsync(connection => held.StopAsync(connection, StepErrors.Describe(error), database.Options.RouteProbe, null, ct), ct);
    }

    private async Task BlameMessageAsync(RouteProgram program, HeldCursor held, CancellationToken ct)
    {
        try
        {
            await using NpgsqlConnection connection = await database.OpenAsync(ct);
            await new OneByOne(program).RunWindowAsync(connection, held.Lease, _limit, ct);
            bells.Ring(CursorName.Lane(Route.Name));
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
        if (_messagesRun && StepErrors.EndedConnection(error) && ++_lostConnections == 2)
            await TryAgainstDatabaseAsync(connection => held.SetCarefulAsync(connection, careful: true, ct), ct);
        await _pause.WaitAsync(ct);
    }

    private async Task TryAgainstDatabaseAsync(Func<NpgsqlConnection, Task> action, CancellationToken ct)
    {
        try
        {
            await using NpgsqlConnection connection = await database.OpenAsync(ct);
            await action(connection);
        }
        catch (Exception error) when (!ct.IsCancellationRequested && StepErrors.BlameFor(error) == Blame.Passing)
        {
            await _pause.WaitAsync(ct);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Route {Route} stopped ({SqlState}): see `bridge routes list`; it keeps its place and tries again by itself")]
    private partial void LogStopped(string route, string? sqlState);

    [LoggerMessage(Level = LogLevel.Error, Message = "Route {Route} does not run: {Faults}")]
    private partial void LogUnfit(string route, string faults);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Route {Route} waits for the database ({Cause})")]
    private partial void LogPassing(string route, string cause);
}
