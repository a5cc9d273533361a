using Npgsql;
using SalesforceBridge.Budget;
using SalesforceBridge.Commands;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Backfills;

/// <summary>Takes a backfill step by step to its end, while there is room; what passes by itself is waited for.</summary>
/// <param name="backfills">Where it is kept.</param>
/// <param name="storage">Tells whether there is room.</param>
/// <param name="options">How long to wait.</param>
/// <param name="time">The clock.</param>
/// <param name="tell">Tells whoever typed the command.</param>
internal sealed class BackfillRun(BackfillLog backfills, StorageGauge storage, MessagingOptions options, TimeProvider time, Func<string, Task> tell)
{
    // Rows of a table come so fast that half a minute's would fill what is left.
    private const int PagesBetweenMeasurements = 10;
    private static readonly TimeSpan BetweenWords = TimeSpan.FromSeconds(5);

    private readonly Pause _pause = new(options, time);
    private long _toldAt = time.GetTimestamp();

    /// <summary>How far it is; after an interruption one step further, perhaps.</summary>
    public Backfill? At { get; private set; }

    /// <summary>Takes it to its end.</summary>
    /// <exception cref="RefusedException">It cannot go on.</exception>
    /// <exception cref="BackfillTakenException">Another session moved it.</exception>
    public async Task<Backfill> RunAsync(Backfill at, Func<Backfill, CancellationToken, Task<Backfill>> step, CancellationToken ct)
    {
        At = at;
        bool isSure = true;
        for (int pages = 1; At.FinishedAt is null; pages++)
        {
            try
            {
                At = isSure ? At : await ReloadAsync(At, ct);
                isSure = true;
                if (At.FinishedAt is null)
                    At = await StepAsync(At, step, pages, ct);
            }
            catch (FormatException unreadable)
            {
                throw new RefusedException($"The backfill stands still: {unreadable.Message}.");
            }
            catch (Exception error) when (!ct.IsCancellationRequested && WaitAfter(error) is { } wait)
            {
                isSure = false;
                await tell($"It waits, since {Why(error)}");
                await Task.Delay(wait, time, ct);
                await _pause.WaitAsync(ct);
            }
        }

        return At;
    }

    private async Task<Backfill> StepAsync(Backfill at, Func<Backfill, CancellationToken, Task<Backfill>> step, int pages, CancellationToken ct)
    {
        if (pages % PagesBetweenMeasurements == 0 && await storage.MeasureAsync(ct) == StorageLevel.Full)
            await tell("It waits until there is room: what the route is through with is deleted when BRIDGE_STORAGE is short (`bridge status`).");
        await storage.WaitForRoomAsync(time, ct);
        Backfill next = await step(at, ct);
        _pause.Reset();
        if (next.FinishedAt is null && time.GetElapsedTime(_toldAt) > BetweenWords)
        {
            _toldAt = time.GetTimestamp();
            await tell(BackfillText.Progress(next));
        }

        return next;
    }

    // Whether the last step was stored may be unknown.
    private async Task<Backfill> ReloadAsync(Backfill at, CancellationToken ct) =>
        await backfills.FindAsync(at.Route, ct) is { } found && found.Epoch == at.Epoch ? found : throw new BackfillTakenException(at.Route);

    private static TimeSpan? WaitAfter(Exception error) => error switch
    {
        SalesforceException { Class.Remedy: Remedy.Wait wait } => wait.For,
        SalesforceException { Class.Remedy: Remedy.Retry } failure => failure.RetryAfter ?? TimeSpan.Zero,
        NpgsqlException { IsTransient: true } or TimeoutException or IOException => TimeSpan.Zero,
        _ => null,
    };

    private static string Why(Exception error) => error switch
    {
        SalesforceException { Code: BudgetRefusal.Code, Errors: [var budget, ..] } => budget.Message,
        SalesforceException failure => $"the org does not answer as it should ({failure.Code}).",
        PostgresException refused => $"the database does not answer as it should ({refused.SqlState}).",
        _ => $"the database does not answer as it should ({error.GetType().Name}).",
    };
}
