namespace SalesforceBridge.Salesforce.Streaming;

/// <summary>The position of one event in its channel. Opaque: ids have no order, no arithmetic, and after an org's migration no
/// uniqueness.</summary>
/// <param name="Value">The JSON token as the org sent it, so a text keeps its quotes.</param>
public readonly record struct ReplayId(string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Where a subscription begins: a closed family.</summary>
public abstract record ReplayFrom
{
    private ReplayFrom()
    {
    }

    /// <summary>The JSON token of the replay map.</summary>
    internal abstract string Token { get; }

    /// <summary>Events published from now on.</summary>
    public sealed record Tip : ReplayFrom
    {
        internal override string Token => "-1";
    }

    /// <summary>Everything that the org still keeps, then what is published from now on.</summary>
    public sealed record Earliest : ReplayFrom
    {
        internal override string Token => "-2";
    }

    /// <summary>Everything after one event.</summary>
    /// <param name="Id">The event, typically the last one stored.</param>
    public sealed record After(ReplayId Id) : ReplayFrom
    {
        internal override string Token => Id.Value;
    }
}
