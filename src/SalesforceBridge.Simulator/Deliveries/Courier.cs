using System.Diagnostics;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;

namespace SalesforceBridge.Simulator.Deliveries;

/// <summary>Carries deliveries to their receivers, tries again on the org's schedule, and keeps the ledger.</summary>
internal sealed class Courier(Org org) : IAsyncDisposable
{
    private const int MaxAnswerBytes = 1024 * 1024;

    private readonly HttpClient _http = new(new CredentialHandler(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        // An org knows nothing of our traces.
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
    }))
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = MaxAnswerBytes,
    };

    private readonly Lock _gate = new();
    private readonly HashSet<Task> _asides = [];

    /// <summary>Makes the first attempt. Retries follow on their own.</summary>
    public async Task SendAsync(Delivery delivery, CancellationToken ct)
    {
        Note(delivery, delivery.Entry);
        if (Strikes<Fault.ReorderedDelivery>(fault => fault.Rule, delivery))
            SetAside(OvertakenAsync(delivery, ct));
        else
            await BeginAsync(delivery, ct);
    }

    /// <summary>Ends when every retry has noticed that it was stopped.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] asides;
        lock (_gate)
            asides = [.. _asides];
        await OrgDeliveries.StoppedAsync(asides);
        _http.Dispose();
    }

    private async Task BeginAsync(Delivery delivery, CancellationToken ct)
    {
        if (await AttemptAsync(delivery, ct) is Verdict.Failed)
            SetAside(RetryAsync(delivery, ct));
    }

    private async Task OvertakenAsync(Delivery delivery, CancellationToken ct)
    {
        while (true)
        {
            Task changed = org.Changed.Next;
            if (delivery.Line.LastAttempted > delivery.Number)
                break;
            await changed.WaitAsync(ct);
        }
        await BeginAsync(delivery, ct);
    }

    private async Task RetryAsync(Delivery delivery, CancellationToken ct)
    {
        foreach (TimeSpan retry in delivery.Retries)
        {
            TimeSpan delay = retry / org.Options.RetrySpeed;
            Note(delivery, delivery.Entry with { NextAttemptAt = org.Now + delay });
            await Task.Delay(delay, org.Options.TimeProvider, ct);
            if (await AttemptAsync(delivery, ct) is not Verdict.Failed)
                return;
        }
        Note(delivery, delivery.Entry with { Status = DeliveryStatus.Failed });
    }

    private async Task<Verdict> AttemptAsync(Delivery delivery, CancellationToken ct)
    {
        DateTimeOffset at = org.Now;
        Verdict verdict = Strikes<Fault.DuplicateDelivery>(fault => fault.Rule, delivery)
            ? await PostTwiceAsync(delivery, ct)
            : await PostAsync(delivery, ct);
        if (verdict is Verdict.Delivered && Strikes<Fault.LostReply>(fault => fault.Rule, delivery))
            verdict = new Verdict.Failed(null, "The answer was lost on its way");
        delivery.Line.NoteAttempt(delivery.Number);
        Note(delivery, delivery.Entry with
        {
            Status = verdict switch
            {
                Verdict.Delivered => DeliveryStatus.Delivered,
                Verdict.Refused => DeliveryStatus.Failed,
                _ => DeliveryStatus.Pending,
            },
            Attempts = [.. delivery.Entry.Attempts, new DeliveryAttempt(at, verdict.Status, verdict.Problem)],
            NextAttemptAt = null,
        });
        return verdict;
    }

    // The org knows of one of the two only; it takes the better answer for it.
    private async Task<Verdict> PostTwiceAsync(Delivery delivery, CancellationToken ct)
    {
        Verdict[] verdicts = await Task.WhenAll(PostAsync(delivery, ct), PostAsync(delivery, ct));
        return Array.Find(verdicts, verdict => verdict is Verdict.Delivered) ?? verdicts[0];
    }

    private async Task<Verdict> PostAsync(Delivery delivery, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(delivery.Timeout, org.Options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            using HttpRequestMessage request = delivery.ToRequest(delivery.Line.Url!);
            using HttpResponseMessage response = await _http.SendAsync(request, either.Token);
            // Read as UTF-8 whatever the answer calls itself: an unknown name of a character set would throw.
            using var body = new StreamReader(await response.Content.ReadAsStreamAsync(either.Token));
            return delivery.Judge((int)response.StatusCode, await body.ReadToEndAsync(either.Token));
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new Verdict.Failed(null, $"No answer came within {delivery.Timeout.TotalSeconds} s");
        }
        catch (HttpRequestException error)
        {
            return new Verdict.Failed(null, error.Message);
        }
    }

    private bool Strikes<T>(Func<T, string?> ruleOf, Delivery delivery)
        where T : Fault =>
        org.Faults.Strike<T>(fault => ruleOf(fault) is not { } rule || rule == delivery.Line.Name) is not null;

    private void SetAside(Task work)
    {
        lock (_gate)
            _asides.Add(work);
        _ = work.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
    }

    private void Forget(Task work)
    {
        lock (_gate)
            _asides.Remove(work);
    }

    private void Note(Delivery delivery, SentDelivery entry)
    {
        delivery.Entry = entry;
        org.Ledger.Record(entry);
        org.Changed.Ring();
    }
}
