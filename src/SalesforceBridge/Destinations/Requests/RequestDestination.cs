using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Destinations.Requests;

/// <summary>
/// An HTTP API: a request for each delivery, as many at once as its configuration allows. A request that failed before it went out is made
/// again; one that broke off afterwards is in doubt, unless it only reads.
/// </summary>
internal sealed class RequestDestination(RequestApi api) : IDestination
{
    private const int LongestReply = 256 * 1024;

    private static readonly string UserAgent = $"SalesforceBridge/{typeof(RequestDestination).Assembly.GetName().Version!.ToString(3)}";

    /// <inheritdoc/>
    public int CallSize => api.Circuit.IsClosed ? api.Settings.Concurrency : 1;

    /// <inheritdoc/>
    public bool IsRepeatable => false;

    private string Name => api.Settings.Name;

    /// <inheritdoc/>
    public string? RecordOf(Delivery delivery) => null;

    /// <inheritdoc/>
    public IDestination As(CallerToken caller) => new NotAsCaller(this);

    /// <inheritdoc/>
    public async Task<CallOutcome> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken ct) =>
        new CallOutcome.Answered(await Task.WhenAll(deliveries.Select(delivery => DeliverOneAsync(delivery, ct))));

    private async Task<DeliveryOutcome> DeliverOneAsync(Delivery delivery, CancellationToken ct)
    {
        RequestForm form;
        try
        {
            form = RequestForm.Read(api.Settings.Url, delivery);
        }
        catch (FormatException fault)
        {
            return new DeliveryOutcome.Refused("no request", $"No request can be made of it: {fault.Message}.", Permanent: true);
        }

        try
        {
            await api.Places.WaitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            return new DeliveryOutcome.NotNow("busy", $"{Name} is busy with other requests of this process, and the time of the call was over.", TimeSpan.Zero);
        }

        try
        {
            return await AskAsync(form, ct);
        }
        finally
        {
            api.Places.Release();
        }
    }

    private async Task<DeliveryOutcome> AskAsync(RequestForm form, CancellationToken ct)
    {
        if (api.Circuit.Enter() is { } pause)
            return new DeliveryOutcome.NotNow("api failing", $"{Name} failed again and again; it is left alone for a while, then one request tries.", pause);
        try
        {
            return await SendAsync(form, mayRenew: api.Proof.IsRenewable, ct);
        }
        catch (NoTokenException none)
        {
            api.Circuit.Leave();
            return none.IsRefusal
                ? new DeliveryOutcome.LaneRefused("no token", $"{none.Message}.")
                : new DeliveryOutcome.NotNow("no token", $"{none.Message}.", none.Wait);
        }
    }

    private async Task<DeliveryOutcome> SendAsync(RequestForm form, bool mayRenew, CancellationToken ct)
    {
        using HttpRequestMessage request = form.Write(UserAgent);
        string proof;
        try
        {
            proof = await api.Proof.AddAsync(request, form, ct);
        }
        catch (OperationCanceledException)
        {
            api.Circuit.Leave();
            return new DeliveryOutcome.NotNow("no token", $"The token endpoint of {Name} gave no token in time.", null);
        }

        try
        {
            using HttpResponseMessage response = await api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            ApiReply reply = await ApiReply.ReadAsync(response, LongestReply, api.Time, ct);
            if (reply.Status == 401 && mayRenew)
            {
                api.Proof.Forget(proof);
                return await SendAsync(form, mayRenew: false, ct);
            }

            return Heed(reply);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            api.Circuit.Fail(null);
            return OfLoss(form, request, error);
        }
    }

    private DeliveryOutcome Heed(ApiReply reply)
    {
        if (reply.Status is 408 or 429 or >= 500)
            api.Circuit.Fail(reply.Status is 429 or 503 ? reply.RetryAfter : null);
        else
            api.Circuit.Close();
        return Outcome(reply) with { Response = reply.ToJson() };
    }

    private DeliveryOutcome Outcome(ApiReply reply) => reply switch
    {
        { IsSuccess: true } => new DeliveryOutcome.Delivered(null),
        { Status: 429 or 503, RetryAfter: { } wait } => new DeliveryOutcome.NotNow(CodeOf(reply), $"{Name} answered {reply.Told} and asks to wait.", wait),
        { Status: 408 or 425 or 429 or >= 500 } => new DeliveryOutcome.Refused(CodeOf(reply), $"{Name} answered {reply.Told}.", Permanent: false),
        { Status: 401 or 403 } => new DeliveryOutcome.LaneRefused(
            CodeOf(reply), $"{Name} answered {reply.Told}: correct the config vars {RequestSettings.Prefix}{Name}_..., or have its owner give access."),
        { Status: < 400 } => new DeliveryOutcome.Refused(
            CodeOf(reply), $"{Name} answered {reply.Told}, and redirects are not followed: set {RequestSettings.Prefix}{Name}_URL to where it is, or correct `_url`.", Permanent: true),
        _ => new DeliveryOutcome.Refused(CodeOf(reply), $"{Name} answered {reply.Told}.", Permanent: true),
    };

    private DeliveryOutcome OfLoss(RequestForm form, HttpRequestMessage request, Exception error)
    {
        string what = error is HttpRequestException { HttpRequestError: var cause } ? $"The connection to {Name} failed ({cause})" : $"{Name} gave no answer in time";
        bool mayBeMade = !form.IsSafe && request.Content is SentContent { HasBegun: true };
        return mayBeMade
            ? new DeliveryOutcome.InDoubt($"{what} after the request was sent.")
            : new DeliveryOutcome.Refused("unreachable", $"{what}.", Permanent: false);
    }

    private static string CodeOf(ApiReply reply) => $"HTTP {reply.Status}";

    // A caller's session is the org's, and nothing to show to another API.
    private sealed class NotAsCaller(RequestDestination destination) : IDestination
    {
        public int CallSize => destination.CallSize;

        public bool IsRepeatable => destination.IsRepeatable;

        public string? RecordOf(Delivery delivery) => null;

        public IDestination As(CallerToken caller) => this;

        public Task<CallOutcome> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken ct) =>
            Task.FromResult<CallOutcome>(new CallOutcome.Answered(
                [.. deliveries.Select(_ => new DeliveryOutcome.Refused("as caller", "A caller's session is the org's, and no other API is called with it; remove `as: caller`.", Permanent: true))]));
    }
}
