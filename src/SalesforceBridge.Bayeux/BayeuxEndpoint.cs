namespace SalesforceBridge.Bayeux;

/// <summary>Where one session speaks to its server, and what it says besides the protocol. Not a record: its headers carry secrets,
/// which no text may show.</summary>
/// <param name="address">The server's Bayeux address; every message is posted there.</param>
/// <param name="headers">Headers sent with every request of the session.</param>
/// <param name="handshakeExt">The handshake's <c>ext</c> value as UTF-8 JSON; empty for none.</param>
public sealed class BayeuxEndpoint(Uri address, IReadOnlyDictionary<string, string> headers, ReadOnlyMemory<byte> handshakeExt = default)
{
    /// <summary>The server's Bayeux address; every message is posted there.</summary>
    public Uri Address { get; } = address;

    /// <summary>Headers sent with every request of the session.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; } = headers;

    /// <summary>The handshake's <c>ext</c> value as UTF-8 JSON; empty for none.</summary>
    public ReadOnlyMemory<byte> HandshakeExt { get; } = handshakeExt;
}
