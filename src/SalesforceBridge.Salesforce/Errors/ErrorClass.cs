namespace SalesforceBridge.Salesforce.Errors;

/// <summary>What to make of an error: what helps, and whom it blames.</summary>
/// <param name="Remedy">What helps.</param>
/// <param name="Blame">What has to stop or wait.</param>
/// <param name="InDoubt">
/// Whether the org may have acted all the same. Then only a call that can be repeated without harm is sent again blindly.
/// </param>
public sealed record ErrorClass(Remedy Remedy, Blame Blame, bool InDoubt = false)
{
    /// <summary>Whether it is about the user of the token, so that a call as another user may well succeed: a session that ended, a right that is missing.</summary>
    public bool IsOfUser { get; init; }
}

/// <summary>What helps against an error.</summary>
public abstract record Remedy
{
    private Remedy()
    {
    }

    /// <summary>It passes by itself, soon: try again with growing pauses.</summary>
    public sealed record Retry : Remedy;

    /// <summary>The token is not good: renew it and try again once. An error that still says so was renewed and rejected again.</summary>
    public sealed record Renew : Remedy;

    /// <summary>It passes by itself, but not soon.</summary>
    /// <param name="For">How long to wait before one call looks whether it has passed.</param>
    public sealed record Wait(TimeSpan For) : Remedy;

    /// <summary>It stays until somebody changes something: the message, the route, or a setting of the org.</summary>
    public sealed record GiveUp : Remedy;
}

/// <summary>Whom an error blames, by how much has to stop: each includes the ones before.</summary>
public enum Blame
{
    /// <summary>This record, query or event: another may well succeed.</summary>
    Message,

    /// <summary>Every call like this one: an object, field, permission or limit that they share.</summary>
    Lane,

    /// <summary>Every call to this org.</summary>
    Org,
}
