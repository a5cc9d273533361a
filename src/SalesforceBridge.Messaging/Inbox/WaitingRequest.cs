namespace SalesforceBridge.Messaging;

/// <summary>A request between its caller, who waits for the answer, and the commit. Faults are found by the caller's thread.</summary>
internal sealed class WaitingRequest
{
    private const int OverheadOfMessage = 256;

    private readonly TaskCompletionSource<IntakeAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IntakeRequest _request;
    private readonly string?[] _faults;

    public WaitingRequest(IntakeRequest request)
    {
        _request = request;
        _faults = [.. request.Messages.Select(MessageColumns.FaultOf)];
        Bytes = request.Messages.Sum(message => (long)message.Payload.Length + OverheadOfMessage) + (request.Caller?.Token.Length ?? 0);
    }

    public long Bytes { get; }

    public int Count => _request.Messages.Count;

    public IReadOnlyList<NewMessage> Messages => _request.Messages;

    public SealedCaller? Caller => _request.Caller;

    public string? UserId => _request.UserId;

    /// <summary>Whether one idempotency key stands for all its messages.</summary>
    public bool IsOne => _request.IdempotencyKey is not null;

    /// <summary>What tells two requests that may be the same one; null where none can be.</summary>
    public (string Source, string Key)? Identity => _request.IdempotencyKey is { } key ? (Messages[0].Source, key) : null;

    public bool IsAnswered => _answer.Task.IsCompleted;

    public Task<IntakeAnswer> Answer => _answer.Task;

    public void Say(IntakeAnswer answer) => _answer.TrySetResult(answer);

    public string? DedupeKeyOf(int index) =>
        MessageColumns.Stored(_request.IdempotencyKey is { } key ? $"{key}#{index}" : Messages[index].DedupeKey);

    public string? FaultOf(int index) => _faults[index];

    /// <summary>jsonb refused what was thought to be fine: everything is kept as it came.</summary>
    public void KeepRaw(string fault)
    {
        for (int n = 0; n < _faults.Length; n++)
            _faults[n] ??= fault;
    }
}
