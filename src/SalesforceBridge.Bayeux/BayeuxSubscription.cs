namespace SalesforceBridge.Bayeux;

/// <summary>What a subscribe request carries besides the channel. A dialect may derive from it to find its own facts again in the
/// answer.</summary>
/// <param name="Ext">The request's <c>ext</c> value as UTF-8 JSON; empty for none.</param>
public record BayeuxSubscription(ReadOnlyMemory<byte> Ext)
{
    /// <summary>A subscription without <c>ext</c>.</summary>
    public static readonly BayeuxSubscription Plain = new(ReadOnlyMemory<byte>.Empty);
}
