namespace SalesforceBridge.Simulator.Records;

/// <summary>What became of one record that was sent.</summary>
internal abstract record WriteOutcome
{
    private WriteOutcome()
    {
    }

    public sealed record Written(string Id, bool Created) : WriteOutcome;

    /// <summary>A platform event, accepted for publishing.</summary>
    public sealed record Enqueued(string Id, string Uuid) : WriteOutcome;

    /// <param name="Error">Why not.</param>
    /// <param name="Status">The HTTP status, when the record was alone in its call.</param>
    public sealed record Refused(ApiError Error, int Status = 400) : WriteOutcome;

    public bool IsRefused => this is Refused;

    public string? RecordId => this switch
    {
        Written written => written.Id,
        Enqueued enqueued => enqueued.Id,
        _ => null,
    };
}
