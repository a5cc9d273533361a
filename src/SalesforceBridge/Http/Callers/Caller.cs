namespace SalesforceBridge.Http.Callers;

/// <summary>Who calls, once that is proven.</summary>
/// <param name="Name">The name of the secret that was known, or the issuer that a certificate vouches for.</param>
/// <param name="By">How it was proven, one word.</param>
internal sealed record Caller(string Name, string By)
{
    /// <summary>What is the same only when the same request is sent again; null where nothing is.</summary>
    public string? ReplayKey { get; init; }

    /// <summary>A caller's own key, or what tells its repetitions, as the inbox knows it; null: each request is a new one.</summary>
    public string? IdempotencyKey(string? given) =>
        (given ?? ReplayKey) is { } key ? $"{Uri.EscapeDataString(Name)}/{key}" : null;
}

/// <summary>What the headers of a request prove.</summary>
internal abstract record Admission
{
    private Admission()
    {
    }

    public sealed record Admitted(Caller Caller) : Admission;

    /// <summary>The body is signed, so it has to be read before anything is proven.</summary>
    public sealed record Signed(BodySignature Signature) : Admission;

    /// <summary>AppLink's header names a caller, and the org has to be asked before anything is proven.</summary>
    public sealed record InContext(string Header) : Admission;

    /// <param name="Why">What is missing or wrong, and what to do.</param>
    public sealed record Refused(string Why) : Admission;
}
