using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;

namespace SalesforceBridge.Messaging.Tests.Drivers;

/// <summary>One destination under every name: it remembers each call and answers as the test says.</summary>
internal sealed class RecordingDestinations : IDestinations, IDestination
{
    private readonly ConcurrentQueue<IReadOnlyList<Delivery>> _calls = new();
    private readonly ConcurrentQueue<string> _made = new();
    private readonly ConcurrentQueue<string?> _tokens = new();

    public int CallSize { get; set; } = 200;

    public bool IsRepeatable { get; set; } = true;

    public IJobs? Jobs { get; set; }

    /// <summary>What one delivery comes to. Default: it is made.</summary>
    public Func<Delivery, DeliveryOutcome> Answer { get; set; } = delivery => new DeliveryOutcome.Delivered($"org-{delivery.Id}");

    /// <summary>What a whole call comes to, where that is more than its deliveries.</summary>
    public Func<IReadOnlyList<Delivery>, CancellationToken, Task<CallOutcome?>> AnswerCall { get; set; } = (_, _) => Task.FromResult<CallOutcome?>(null);

    public IReadOnlyList<IReadOnlyList<Delivery>> Calls => [.. _calls];

    /// <summary>The caller's token of each call, null where it was made under the bridge's own.</summary>
    public IReadOnlyList<string?> Tokens => [.. _tokens];

    public IReadOnlyList<string> Bodies => [.. _calls.SelectMany(call => call).Select(Body)];

    /// <summary>The <c>Id</c> of each delivery that was made, in the order they were.</summary>
    public IReadOnlyList<string> Made => [.. _made];

    /// <summary>Remembers nothing of what was called so far.</summary>
    public void Forget()
    {
        _calls.Clear();
        _made.Clear();
        _tokens.Clear();
    }

    public static string Body(Delivery delivery) => Encoding.UTF8.GetString(delivery.Body.Span);

    public IDestination? Find(string name) => name.StartsWith("request", StringComparison.Ordinal) ? null : this;

    public IJobs? JobsOf(string lane) => Jobs;

    public string? RecordOf(Delivery delivery) => (string?)JsonNode.Parse(delivery.Body.Span)?["Id"];

    public IDestination As(CallerToken caller) => new Acting(this, caller.Reveal());

    public Task<CallOutcome> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken ct) => DeliverAsync(deliveries, null, ct);

    private async Task<CallOutcome> DeliverAsync(IReadOnlyList<Delivery> deliveries, string? token, CancellationToken ct)
    {
        _calls.Enqueue(deliveries);
        _tokens.Enqueue(token);
        CallOutcome outcome = await AnswerCall(deliveries, ct) ?? new CallOutcome.Answered([.. deliveries.Select(Answer)]);
        if (outcome is CallOutcome.Answered answered)
        {
            foreach ((Delivery delivery, DeliveryOutcome one) in deliveries.Zip(answered.Outcomes).Where(pair => pair.Second is DeliveryOutcome.Delivered))
                _made.Enqueue(RecordOf(delivery) ?? Body(delivery));
        }

        return outcome;
    }

    private sealed class Acting(RecordingDestinations destinations, string token) : IDestination
    {
        public int CallSize => destinations.CallSize;

        public bool IsRepeatable => destinations.IsRepeatable;

        public string? RecordOf(Delivery delivery) => destinations.RecordOf(delivery);

        public IDestination As(CallerToken caller) => destinations.As(caller);

        public Task<CallOutcome> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken ct) => destinations.DeliverAsync(deliveries, token, ct);
    }
}
