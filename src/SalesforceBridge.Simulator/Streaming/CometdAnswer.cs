namespace SalesforceBridge.Simulator.Streaming;

/// <summary>Everything one answer carries: events first, replies in the order of the messages.</summary>
/// <param name="Version">Of the endpoint.</param>
/// <param name="Events">Due events.</param>
/// <param name="Replies">One for each message.</param>
internal sealed record CometdAnswer(int Version, IReadOnlyList<OutgoingEvent> Events, IReadOnlyList<BayeuxReply> Replies)
{
    /// <summary>The client that is told to leave without having asked.</summary>
    public string? DisconnectedClient { get; init; }

    /// <summary>A session that begins: its cookies go with the answer.</summary>
    public BayeuxSession? Opened { get; init; }

    /// <summary>Another poll of the same session took the place of this one.</summary>
    public bool Superseded { get; init; }
}
