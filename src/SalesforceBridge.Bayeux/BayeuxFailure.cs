namespace SalesforceBridge.Bayeux;

/// <summary>Why a session ended, could not begin, or did not get a channel: a closed family.</summary>
public abstract record BayeuxFailure
{
    private BayeuxFailure()
    {
    }

    /// <summary>In words, for logs; has neither secrets nor payloads.</summary>
    public abstract string Text { get; }

    /// <summary>The server answered a message with <c>successful: false</c>, or told the client not to go on.</summary>
    /// <param name="MetaChannel">The message that it refused, such as <c>/meta/connect</c>.</param>
    /// <param name="Error">The answer's <c>error</c>.</param>
    /// <param name="Ext">The answer's <c>ext</c> as JSON.</param>
    /// <param name="Advice">The answer's advice.</param>
    /// <param name="Subscription">What was asked for, if it is a subscribe that was refused.</param>
    /// <param name="RetryAfter">The HTTP header <c>Retry-After</c>.</param>
    public sealed record Refused(
        string MetaChannel, string? Error, string? Ext, BayeuxAdvice Advice, BayeuxSubscription? Subscription, TimeSpan? RetryAfter)
        : BayeuxFailure
    {
        /// <inheritdoc/>
        public override string Text => $"{MetaChannel} was refused: {Error ?? "no reason given"}";
    }

    /// <summary>The server answered with an HTTP status other than 200 and no Bayeux message.</summary>
    /// <param name="MetaChannel">The message that was posted.</param>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="RetryAfter">The HTTP header <c>Retry-After</c>.</param>
    public sealed record HttpStatus(string MetaChannel, int Status, TimeSpan? RetryAfter) : BayeuxFailure
    {
        /// <inheritdoc/>
        public override string Text => $"{MetaChannel} got HTTP status {Status}";
    }

    /// <summary>No complete Bayeux reply arrived: no connection, cut, late, or something else than Bayeux. What the server sent in it
    /// is lost.</summary>
    /// <param name="MetaChannel">The message that was posted.</param>
    /// <param name="Why">What happened.</param>
    public sealed record ReplyLost(string MetaChannel, string Why) : BayeuxFailure
    {
        /// <inheritdoc/>
        public override string Text => $"the reply to {MetaChannel} was lost: {Why}";
    }

    /// <summary>The server ended the session without being asked.</summary>
    public sealed record Disconnected : BayeuxFailure
    {
        /// <inheritdoc/>
        public override string Text => "the server ended the session";
    }

    /// <summary>The consumer was away for longer than a session survives, so the session was ended.</summary>
    /// <param name="Pause">How long polling waited.</param>
    public sealed record SlowConsumer(TimeSpan Pause) : BayeuxFailure
    {
        /// <inheritdoc/>
        public override string Text => $"the consumer did not come back for {Pause.TotalSeconds:0.#} s";
    }

    /// <summary>The client ended the session to begin another: the wanted channels changed, or it was told to.</summary>
    public sealed record Renewed : BayeuxFailure
    {
        /// <inheritdoc/>
        public override string Text => "a new session was asked for";
    }

    /// <summary>The dialect failed to give an endpoint or a subscription.</summary>
    /// <param name="Exception">What it threw.</param>
    public sealed record DialectFailed(Exception Exception) : BayeuxFailure
    {
        /// <inheritdoc/>
        public override string Text => $"{Exception.GetType().Name}: {Exception.Message}";
    }
}
