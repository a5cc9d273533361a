namespace SalesforceBridge.Bayeux;

/// <summary>One message published on a channel.</summary>
/// <param name="Channel">The channel, as the server named it.</param>
/// <param name="Data">The <c>data</c> value: UTF-8 JSON as it came, empty if the message had none. The text inside strings is not
/// validated.</param>
public readonly record struct BayeuxData(string Channel, ReadOnlyMemory<byte> Data);
