using Npgsql;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Budget;

/// <summary>Writes calls down from time to time and at the end, and tells a person when the budget is used up or the org refuses every lane.</summary>
internal sealed partial class CallNotes(ApiGovernor governor, ApiPace pace, BridgeDatabase database, TimeProvider time, ILogger<CallNotes> logger) : BackgroundService
{
    /// <summary>The alert that stands while the budget is used up.</summary>
    public const string AlertName = "api budget";

    /// <summary>The alert that stands while the org refuses every lane.</summary>
    public const string HeldAlertName = "org refuses";

    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(5);

    private readonly Alerts _alerts = new(database);
    private bool? _isUsedUp;

    // Not what any hold says: whoever ended before may have left an alert.
    private string? _told = "";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(pace.Note, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await TryNoteAsync(isEnd: false, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is written when all others have ended.
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var limit = new Deadline(LongestEnd, time, cancellationToken);
        await TryNoteAsync(isEnd: true, limit.Token);
    }

    private async Task TryNoteAsync(bool isEnd, CancellationToken ct)
    {
        try
        {
            await governor.NoteAsync(isEnd, ct);
            if (isEnd)
                return;
            await TellAsync(governor.Share >= 1, ct);
            await TellOfHoldAsync(governor.Held, ct);
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or IOException || (isEnd && error is OperationCanceledException))
        {
            LogWaits(error is PostgresException postgres ? postgres.SqlState : error.GetType().Name);
        }
    }

    private async Task TellAsync(bool isUsedUp, CancellationToken ct)
    {
        // A process that has made no call yet knows nothing.
        if (isUsedUp == _isUsedUp || (_isUsedUp is null && !isUsedUp && governor.Share == 0))
            return;
        if (isUsedUp)
            await _alerts.RaiseAsync(AlertName, "The bridge's API calls of a day are used up: deliveries and polls wait, and nothing is lost. `bridge status` tells who made them, and BRIDGE_API_BUDGET how many there are.", ct);
        else
            await _alerts.ClearAsync(AlertName, ct);
        _isUsedUp = isUsedUp;
    }

    private async Task TellOfHoldAsync(string? why, CancellationToken ct)
    {
        if (why == _told)
            return;
        if (why is not null)
            await _alerts.RaiseAsync(HeldAlertName, $"The org refuses every lane: {why}. Deliveries wait, nothing is lost, and one call looks from time to time whether it is over.", ct);
        else
            await _alerts.ClearAsync(HeldAlertName, ct);
        _told = why;
    }

    [LoggerMessage(LogLevel.Warning, "Calls to the org cannot be written down now ({Cause})")]
    private partial void LogWaits(string cause);
}
