using System.Net.Sockets;
using Npgsql;
using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Budget;

/// <summary>
/// Divides the calls that the bridge may make to the org in a day: it slows before it stops, commands stop first, then polls stretch, and
/// deliveries wait in their lanes last. A share of the org's limit leaves the rest to its other users, by what the org says with every answer; a
/// number is the bridge's own, of all its processes together. While the org refuses everybody no lane asks it.
/// </summary>
internal sealed class ApiGovernor(ApiBudget budget, ApiCallLog log, ApiPace pace, ApiMetrics metrics, TimeProvider time) : IDisposable
{
    private readonly CallTally _tally = new(budget, time);
    private readonly OrgHold _hold = new(pace, time);
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _noting = new(1);
    private long _learntAt;
    private long _askedAt;
    private long _lastSlowCall;
    private bool _wasCalled;

    /// <summary>How many times longer than usual the time between two polls is now.</summary>
    public double Stretch
    {
        get
        {
            lock (_gate)
                return pace.Stretch(_tally.Share, pace.PollsStretch);
        }
    }

    /// <summary>How much of the budget is used, as far as this process knows; 1 and more: all of it.</summary>
    public double Share
    {
        get
        {
            lock (_gate)
                return _tally.Share;
        }
    }

    /// <summary>What the org refuses every lane with now; null while it does not.</summary>
    public string? Held => _hold.Why;

    private bool IsNumber => budget is ApiBudget.Requests;

    /// <summary>Lets a call through, once <see cref="LearnAsync"/> was asked.</summary>
    /// <exception cref="SalesforceException">Not now.</exception>
    public async ValueTask EnterAsync(ApiCaller caller, SalesforceRequest request, CancellationToken ct)
    {
        while (true)
        {
            lock (_gate)
            {
                if (RefusalOf(caller) is { } wait)
                    throw Refused(caller, request, wait);
                if (!IsNumber || _tally.Taken > 0)
                {
                    _hold.Enter(caller, request);
                    _tally.Begin();
                    _wasCalled = true;
                    return;
                }
            }

            if (!await TakeAsync(request, ct))
                throw Refused(caller, request, pace.Look);
        }
    }

    /// <summary>
    /// Learns what other processes made, and this one before it was started again; hours that are a day old, too. A share holds without it, by what
    /// the org says.
    /// </summary>
    /// <exception cref="SalesforceException">The database could not be asked, and a number does not hold without it.</exception>
    public async ValueTask LearnAsync(SalesforceRequest request, CancellationToken ct)
    {
        long learnt = Volatile.Read(ref _learntAt);
        if (learnt != 0 && !(IsNumber && time.GetElapsedTime(learnt) >= pace.Look))
            return;
        try
        {
            await WriteAsync(want: 0, givesBack: false, ct);
        }
        catch (Exception error) when (IsOfDatabase(error) && !IsNumber)
        {
            // It is tried again when there is something to write down.
        }
        catch (Exception error) when (IsOfDatabase(error))
        {
            throw BudgetRefusal.Unknown(request, error);
        }

        Volatile.Write(ref _learntAt, time.GetTimestamp());
    }

    /// <summary>
    /// Whether the org is to be asked how much is used before the next call: its answers do not say so, or what it said is old and the budget was used
    /// up by then, so that to find out with a delivery would be one more beyond it. True once for each time that this is so.
    /// </summary>
    public bool HasToHear()
    {
        lock (_gate)
        {
            if (IsNumber || !(_tally.IsUntold || (IsStale() && _tally.Share >= 1)) || (_askedAt != 0 && time.GetElapsedTime(_askedAt) < pace.Look))
                return false;
            _askedAt = time.GetTimestamp();
            return true;
        }
    }

    /// <summary>The org was asked.</summary>
    /// <param name="usage">What it said; null where it said nothing.</param>
    /// <param name="isCounted">Whether it counts the question.</param>
    public void Heard(ApiUsage? usage, bool isCounted)
    {
        lock (_gate)
        {
            _tally.Begin();
            _tally.End(OrgLimits.Caller, usage, isCounted);
            metrics.Told(_tally.Used, _tally.Allowed);
        }

        if (isCounted)
            metrics.Made(OrgLimits.Caller);
    }

    /// <summary>A call that was let through ended.</summary>
    public void Leave(ApiCaller caller, ApiUsage? usage, bool isCounted, SalesforceException? failure)
    {
        _hold.Leave(caller, failure);
        lock (_gate)
        {
            _tally.End(caller.Name, usage, isCounted);
            metrics.Told(_tally.Used, _tally.Allowed);
        }

        if (isCounted)
            metrics.Made(caller.Name);
    }

    /// <summary>The org refused one thing in a call that succeeded as a whole.</summary>
    public void Learn(IReadOnlyList<SalesforceError> errors, ErrorClass errorClass) => _hold.Learn(errors, errorClass);

    /// <summary>Writes down what was made since the last time. What an idle process has put aside goes back, and at the end all of it.</summary>
    /// <exception cref="NpgsqlException">The database could not be reached; what was not written waits.</exception>
    public async Task NoteAsync(bool isEnd, CancellationToken ct)
    {
        bool givesBack, hasNews;
        lock (_gate)
        {
            givesBack = isEnd || !_wasCalled;
            hasNews = _tally.HasNotes || (givesBack && _tally.Taken > 0);
            _wasCalled = false;
        }

        if (hasNews)
            await WriteAsync(want: 0, givesBack, ct);
    }

    public void Dispose()
    {
        _noting.Dispose();
        _hold.Dispose();
    }

    /// <returns>How long to wait; null where it may be made.</returns>
    private TimeSpan? RefusalOf(ApiCaller caller)
    {
        double share = _tally.Share;
        if (IsStale())
        {
            // Somebody has to make a call to hear how it stands.
            _tally.LookAnew();
            return null;
        }

        return caller.Priority switch
        {
            _ when share >= 1 => LookIn(),
            ApiPriority.Command when share >= pace.CommandsStop => LookIn(),
            ApiPriority.Delivery when share >= pace.DeliveriesSlow => SlowDown(share),
            _ => null,
        };
    }

    private bool IsStale() => !IsNumber && _tally.QuotaAge >= pace.Look;

    private TimeSpan LookIn() => !IsNumber && _tally.QuotaAge is { } age && age < pace.Look ? pace.Look - age : pace.Look;

    private TimeSpan? SlowDown(double share)
    {
        TimeSpan left = (pace.Pause * pace.Stretch(share, pace.DeliveriesSlow)) - time.GetElapsedTime(_lastSlowCall);
        if (left > TimeSpan.Zero && _lastSlowCall != 0)
            return left;
        _lastSlowCall = time.GetTimestamp();
        return null;
    }


    /// <returns>Whether there are calls to make.</returns>
    private async Task<bool> TakeAsync(SalesforceRequest request, CancellationToken ct)
    {
        try
        {
            return await WriteAsync(pace.MostTaken, givesBack: false, ct);
        }
        catch (Exception error) when (IsOfDatabase(error))
        {
            throw BudgetRefusal.Unknown(request, error);
        }
    }

    private async Task<bool> WriteAsync(long want, bool givesBack, CancellationToken ct)
    {
        await _noting.WaitAsync(ct);
        try
        {
            // Another call may have put some aside while this one waited for its turn.
            if (want > 0 && Locked(() => _tally.Taken > 0))
                return true;
            (IReadOnlyList<ApiCallNote> notes, OrgQuota? quota) = Locked(() => _tally.Empty(givesBack));
            try
            {
                ApiTally tally = await log.NoteAsync(notes, quota, want, (budget as ApiBudget.Requests)?.PerDay, ct);
                return Locked(() =>
                {
                    _tally.Learn(tally);
                    metrics.Told(_tally.Used, _tally.Allowed);
                    return _tally.Taken > 0;
                });
            }
            catch
            {
                lock (_gate)
                    _tally.PutBack(notes);
                throw;
            }
        }
        finally
        {
            _noting.Release();
        }
    }

    private T Locked<T>(Func<T> act)
    {
        lock (_gate)
            return act();
    }

    private SalesforceException Refused(ApiCaller caller, SalesforceRequest request, TimeSpan wait)
    {
        metrics.Refused(caller.Name);
        return BudgetRefusal.Of(caller, request, _tally, budget, wait);
    }

    private static bool IsOfDatabase(Exception error) => error is NpgsqlException or TimeoutException or IOException or SocketException;
}
