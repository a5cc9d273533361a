using Npgsql;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Sources.Soql;

/// <summary>
/// Polls one query at its interval while this worker holds its source. Between polls there is one timer and no connection; what fails
/// is tried again, and a person is told of what does not pass by itself.
/// </summary>
internal sealed partial class SoqlPoll(
    SoqlSource source, SoqlPass pass, BridgeDatabase database, Cursors cursors, TimeProvider time, ILogger<SoqlPoll> logger) : ILeasedWork
{
    // A machine that slept, or whose clock was set, looks at its clock again.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    // A trouble that is over sooner is not worth a person's attention.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Alerts _alerts = new(database);
    private readonly Pause _pause = new(database.Options, time);
    private DateTimeOffset? _failingSince;

    // It may stand since another worker raised it.
    private bool _mayHaveAlert = true;

    /// <inheritdoc/>
    public string Cursor => source.Name;

    private string AlertName => $"poll of {source.Name}";

    /// <inheritdoc/>
    public async Task RunAsync(Lease lease, CancellationToken ct)
    {
        SoqlPosition? position = null;
        while (!ct.IsCancellationRequested)
        {
            try
            {
                position ??= SoqlPosition.Read(await cursors.PositionAsync(source.Name, ct));
                await UntilDueAsync(position, ct);
                position = await pass.RunAsync(lease.Epoch, position, ct);
                LogPolled(source.Name, position);
                await RecoverAsync(ct);
            }
            catch (Exception error) when (!ct.IsCancellationRequested && error is not LeaseLostException)
            {
                // A part of the poll may be stored, so what counts is what is stored.
                position = null;
                await WaitAfterAsync(error, ct);
            }
        }
    }

    private async Task UntilDueAsync(SoqlPosition position, CancellationToken ct)
    {
        while (position.Polled is { } polled)
        {
            TimeSpan since = time.GetUtcNow() - polled;
            // A poll in the future was noted by a clock that was wrong.
            TimeSpan left = pass.Interval - since;
            if (left <= TimeSpan.Zero || since < -LongestSleep)
                return;
            await Task.Delay(left < LongestSleep ? left : LongestSleep, time, ct);
        }
    }

    private async Task RecoverAsync(CancellationToken ct)
    {
        _failingSince = null;
        _pause.Reset();
        if (!_mayHaveAlert)
            return;
        await _alerts.ClearAsync(AlertName, ct);
        _mayHaveAlert = false;
    }

    private async Task WaitAfterAsync(Exception error, CancellationToken ct)
    {
        _failingSince ??= time.GetUtcNow();
        switch (error)
        {
            case SalesforceException { Class.Remedy: Remedy.GiveUp or Remedy.Renew } refusal:
                await StandStillAsync($"The org refuses the poll: {refusal.Message}. {Advice(refusal)} It is tried again from time to time.", ct);
                break;
            case SalesforceException failure:
                LogOrgFails(source.Name, failure.Code);
                if (time.GetUtcNow() - _failingSince > Patience)
                    await TryRaiseAsync($"The org could not be polled since {_failingSince:u}: {failure.Message}. It is tried again; nothing is lost.", ct);
                await Task.Delay(Longer(failure.RetryAfter, (failure.Class.Remedy as Remedy.Wait)?.For), time, ct);
                await _pause.WaitAsync(ct);
                break;
            case FormatException unreadable:
                await StandStillAsync($"The poll stands still: {unreadable.Message}.", ct);
                break;
            case NpgsqlException or TimeoutException or IOException:
                LogWaits(source.Name, error is PostgresException postgres ? postgres.SqlState : error.GetType().Name);
                await _pause.WaitAsync(ct);
                break;
            default:
                LogFault(error, source.Name);
                await _pause.WaitAsync(ct);
                break;
        }
    }

    private async Task StandStillAsync(string why, CancellationToken ct)
    {
        LogStandsStill(source.Name, why);
        await TryRaiseAsync(why, ct);
        await Task.Delay(database.Options.LaneProbe, time, ct);
    }

    private async Task TryRaiseAsync(string what, CancellationToken ct)
    {
        _mayHaveAlert = true;
        try
        {
            await _alerts.RaiseAsync(AlertName, what, ct);
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or IOException && !ct.IsCancellationRequested)
        {
            LogWaits(source.Name, error.GetType().Name);
        }
    }

    private static TimeSpan Longer(TimeSpan? one, TimeSpan? other)
    {
        (TimeSpan a, TimeSpan b) = (one ?? TimeSpan.Zero, other ?? TimeSpan.Zero);
        return a > b ? a : b;
    }

    private static string Advice(SalesforceException refusal) => refusal switch
    {
        { Class.Blame: Blame.Org } => "Correct the credentials or the user's rights (`bridge doctor` says which).",
        { Code: SoqlPass.SpanUnknown } => "It does not take the last ten minutes, so this machine's clock may be wrong.",
        _ => "Correct the query in the routes' `on:` headers, or give the integration user access.",
    };

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Source} is told up to {Position}")]
    private partial void LogPolled(string source, SoqlPosition position);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source} waits for the org ({Code}); what changes there is told later")]
    private partial void LogOrgFails(string source, string code);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source} stands still: {Why}")]
    private partial void LogStandsStill(string source, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source} waits for the database ({Cause}); what changes in the org is told later")]
    private partial void LogWaits(string source, string cause);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Source} met a fault of the bridge and tries again")]
    private partial void LogFault(Exception error, string source);
}
