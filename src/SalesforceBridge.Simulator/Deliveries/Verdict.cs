namespace SalesforceBridge.Simulator.Deliveries;

/// <summary>What an attempt came to.</summary>
/// <param name="Status">The HTTP status; nothing when no answer came.</param>
internal abstract record Verdict(int? Status)
{
    public sealed record Delivered(int? Status) : Verdict(Status);

    /// <summary>Another attempt may do better.</summary>
    public sealed record Failed(int? Status, string Error) : Verdict(Status);

    /// <summary>No attempt will do better.</summary>
    public sealed record Refused(int? Status, string Error) : Verdict(Status);

    public string? Problem => this switch
    {
        Failed failed => failed.Error,
        Refused refused => refused.Error,
        _ => null,
    };
}
