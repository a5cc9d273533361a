using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Budget;

/// <summary>
/// What this process knows of calls: its own that are not written down yet, those that it has put aside, and what the org said of its quota.
/// Not for several threads at once.
/// </summary>
internal sealed class CallTally(ApiBudget budget, TimeProvider time)
{
    private readonly Dictionary<string, long> _made = [];

    // What the database counts for this process beyond what it made, by the hour in which it was put aside.
    private readonly SortedDictionary<DateTimeOffset, long> _aside = [];
    private long _taken;
    private long _calls;
    private long _underWay;
    private long _sinceTold;
    private (ApiUsage Usage, long At)? _quota;
    private bool _isQuotaNew;

    /// <summary>Calls that may be made without asking the database; only where the budget is a number.</summary>
    public long Taken => _taken;

    /// <summary>Whether the org does what it is asked without saying how much is used.</summary>
    public bool IsUntold => _sinceTold > 0;

    /// <summary>Whether something waits to be written down.</summary>
    public bool HasNotes => _made.Count > 0 || _isQuotaNew;

    /// <summary>How many calls the budget allows; null while the org has not said how many it allows.</summary>
    public long? Allowed => budget switch
    {
        ApiBudget.Requests number => number.PerDay,
        ApiBudget.Share share => _quota?.Usage.Allowed * share.Percent / 100,
        _ => null,
    };

    /// <summary>How many are used: of a number the bridge's own, of a share everybody's.</summary>
    public long Used => budget is ApiBudget.Requests ? _calls - _taken : (_quota?.Usage.Used ?? 0) + _sinceTold + _underWay;

    /// <summary>How much of the budget is used; 0 while that is not known.</summary>
    public double Share => Allowed is { } allowed ? Used / (double)Math.Max(allowed, 1) : 0;

    /// <summary>How long ago the org said how much is used; null before.</summary>
    public TimeSpan? QuotaAge => _quota is { } quota ? time.GetElapsedTime(quota.At) : null;

    /// <summary>A call begins.</summary>
    public void Begin()
    {
        _underWay++;
        _taken -= budget is ApiBudget.Requests ? 1 : 0;
    }

    /// <summary>A call ended.</summary>
    public void End(string caller, ApiUsage? usage, bool isCounted)
    {
        _underWay--;
        if (isCounted)
            _made[caller] = _made.GetValueOrDefault(caller) + 1;
        else if (budget is ApiBudget.Requests)
            _taken++;
        if (usage is null)
        {
            _sinceTold += isCounted ? 1 : 0;
            return;
        }

        // Answers of calls that ran together may come in any order.
        bool isLate = _quota is { } known && usage.Used < known.Usage.Used && time.GetElapsedTime(known.At) < TimeSpan.FromSeconds(5) && _underWay > 0;
        _quota = (isLate ? _quota!.Value.Usage : usage, time.GetTimestamp());
        _sinceTold = 0;
        _isQuotaNew = true;
    }

    /// <summary>What the org said is old, and the next call tells: until then it counts as new.</summary>
    public void LookAnew() => _quota = _quota is { } quota ? quota with { At = time.GetTimestamp() } : null;

    /// <summary>What is to be written down, which counts as written from now on.</summary>
    /// <param name="givesBack">Whether what was put aside is given back too.</param>
    public (IReadOnlyList<ApiCallNote> Notes, OrgQuota? Quota) Empty(bool givesBack)
    {
        List<ApiCallNote> notes = [.. _made.Select(made => new ApiCallNote(null, made.Key, made.Value))];
        long back = budget is ApiBudget.Requests ? _made.Values.Sum() + (givesBack ? _taken : 0) : 0;
        notes.AddRange(GiveBack(back));
        if (givesBack)
            _taken = 0;
        _made.Clear();
        OrgQuota? quota = _isQuotaNew && _quota is { } told ? new OrgQuota(told.Usage.Used, told.Usage.Allowed, time.GetElapsedTime(told.At)) : null;
        _isQuotaNew = false;
        return (notes, quota);
    }

    /// <summary>What could not be written down waits again. What was to be given back is not: nobody knows whether it was, and it must not be given back twice.</summary>
    public void PutBack(IEnumerable<ApiCallNote> notes)
    {
        foreach (ApiCallNote note in notes)
        {
            if (note.Hour is { } hour)
                _aside[hour] = _aside.GetValueOrDefault(hour) - note.Calls;
            else
                _made[note.Caller] = _made.GetValueOrDefault(note.Caller) + note.Calls;
        }

        _isQuotaNew = _quota is not null;
    }

    /// <summary>What the database says of all processes.</summary>
    public void Learn(ApiTally tally)
    {
        _calls = tally.Calls;
        if (tally.Granted > 0)
        {
            _taken += tally.Granted;
            _aside[tally.Hour] = _aside.GetValueOrDefault(tally.Hour) + tally.Granted;
        }

        if (tally.Quota is { } quota && (QuotaAge is not { } age || quota.Age < age) && !_isQuotaNew)
            _quota = (new ApiUsage(quota.Used, quota.Allowed), time.GetTimestamp() - (long)(quota.Age.TotalSeconds * time.TimestampFrequency));
    }

    // The oldest first: they are the first that do not count any more.
    private List<ApiCallNote> GiveBack(long calls)
    {
        List<ApiCallNote> notes = [];
        foreach ((DateTimeOffset hour, long aside) in _aside.ToArray())
        {
            long back = Math.Min(aside, calls);
            if (back == 0)
                break;
            notes.Add(new ApiCallNote(hour, ApiCallLog.Taken, -back));
            calls -= back;
            if (back == aside)
                _aside.Remove(hour);
            else
                _aside[hour] = aside - back;
        }

        return notes;
    }
}
