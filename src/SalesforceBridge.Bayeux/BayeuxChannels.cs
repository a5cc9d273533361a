namespace SalesforceBridge.Bayeux;

/// <summary>The channels on which client and server speak about the session itself.</summary>
internal static class BayeuxChannels
{
    public const string Meta = "/meta/";
    public const string Handshake = "/meta/handshake";
    public const string Connect = "/meta/connect";
    public const string Subscribe = "/meta/subscribe";
    public const string Unsubscribe = "/meta/unsubscribe";
    public const string Disconnect = "/meta/disconnect";
}
