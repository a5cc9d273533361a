using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Budget;

/// <summary>
/// The org refuses everybody for a while: its API is switched off, the calls of its day are used up, its storage is full. The lane that learns it keeps all
/// lanes of the process from asking; when the time is over one call looks, and the others go on when that one comes through. What no token is given for
/// holds in the token's own place.
/// </summary>
internal sealed class OrgHold(ApiPace pace, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private Refusal? _refusal;
    private ApiCaller? _looking;
    private bool _isOver;

    /// <summary>What the org refuses everybody with; null while it does not.</summary>
    public string? Why
    {
        get
        {
            lock (_gate)
                return _refusal is { } refusal ? string.Join("; ", refusal.Errors) : null;
        }
    }

    /// <summary>Lets a call through.</summary>
    /// <exception cref="SalesforceException">Not now.</exception>
    public void Enter(ApiCaller caller, SalesforceRequest request)
    {
        lock (_gate)
        {
            if (_refusal is not { } refusal || caller.Priority != ApiPriority.Delivery)
                return;
            if (!_isOver || _looking is not null)
                throw refusal.Again(request, LeftOf(refusal));
            _looking = caller;
        }
    }

    /// <summary>A call that was let through ended.</summary>
    /// <param name="caller">Whose it was.</param>
    /// <param name="failure">Why it did not succeed; null where it did.</param>
    public void Leave(ApiCaller caller, SalesforceException? failure)
    {
        lock (_gate)
        {
            bool looked = _looking == caller;
            if (looked)
                _looking = null;
            if (failure is not null && Holds(failure.Class))
                Hold(failure.Errors, failure.Class, failure.RetryAfter, isOfItem: false);
            else if (looked && failure?.Class.Blame is not Blame.Org)
                Lift(caller, _refusal!);
        }
    }

    /// <summary>The org refused one thing in a call, and said why.</summary>
    public void Learn(IReadOnlyList<SalesforceError> errors, ErrorClass errorClass)
    {
        lock (_gate)
        {
            if (Holds(errorClass))
                Hold(errors, errorClass, null, isOfItem: true);
        }
    }

    public void Dispose() => _timer?.Dispose();

    // What passes by itself in a moment each lane waits for alone, and what another user may do is not everybody's.
    private static bool Holds(ErrorClass errorClass) =>
        errorClass is { Blame: Blame.Org, Remedy: Remedy.Wait or Remedy.GiveUp, InDoubt: false, IsOfUser: false };

    private void Hold(IReadOnlyList<SalesforceError> errors, ErrorClass errorClass, TimeSpan? asked, bool isOfItem)
    {
        // A call that began before may hear the same later.
        if (_refusal is not null && !_isOver)
            return;
        TimeSpan wait = asked ?? (errorClass.Remedy as Remedy.Wait)?.For ?? pace.OrgProbe;
        var refusal = new Refusal(errors, time.GetTimestamp(), wait, isOfItem);
        (_refusal, _looking, _isOver) = (refusal, null, false);
        After(wait, refusal, () => _isOver = true);
    }

    // What a call that came through says of its items is heard a moment later.
    private void Lift(ApiCaller caller, Refusal refusal)
    {
        if (!refusal.IsOfItem)
        {
            _refusal = null;
            return;
        }

        _looking = caller;
        After(pace.Pause, refusal, () => (_refusal, _looking) = (null, null));
    }

    private void After(TimeSpan wait, Refusal refusal, Action act)
    {
        _timer?.Dispose();
        _timer = time.CreateTimer(_ =>
        {
            lock (_gate)
            {
                if (_refusal == refusal)
                    act();
            }
        }, null, wait, Timeout.InfiniteTimeSpan);
    }

    private TimeSpan LeftOf(Refusal refusal)
    {
        TimeSpan left = refusal.Wait - time.GetElapsedTime(refusal.At);
        return _isOver || left < pace.Pause ? pace.Pause : left;
    }

    private sealed record Refusal(IReadOnlyList<SalesforceError> Errors, long At, TimeSpan Wait, bool IsOfItem)
    {
        public SalesforceException Again(SalesforceRequest request, TimeSpan left) =>
            new(request.What, Errors, new ErrorClass(new Remedy.Wait(left), Blame.Org), left);
    }
}
