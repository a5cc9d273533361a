using System.Text.Json;

namespace SalesforceBridge.Bayeux;

/// <summary>Reads the envelope of a message; what is inside <c>data</c> is copied and not looked at.</summary>
internal sealed class ReplyMessageParser
{
    private string _lastChannel = "";

    /// <summary>The message, or null if it names no channel.</summary>
    /// <exception cref="JsonException">A member has another type than the protocol says.</exception>
    public ReplyMessage? Parse(ReadOnlySpan<byte> message)
    {
        string? channel = null;
        Range data = default;
        var reader = new Utf8JsonReader(message, new JsonReaderOptions { MaxDepth = 256 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isChannel = reader.ValueTextEquals("channel"u8);
            bool isData = reader.ValueTextEquals("data"u8);
            reader.Read();
            if (isChannel)
                channel = ChannelName(ref reader);
            int from = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isData)
                data = from..(int)reader.BytesConsumed;
        }

        if (channel is null)
            return null;
        return channel.StartsWith(BayeuxChannels.Meta, StringComparison.Ordinal)
            ? new(default, JsonSerializer.Deserialize(message, BayeuxJson.Default.MetaReply))
            : new(new(channel, message[data].ToArray()), null);
    }

    // A reply's messages mostly share one channel: its name is made once.
    private string? ChannelName(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
            return null;
        if (!reader.ValueTextEquals(_lastChannel))
            _lastChannel = reader.GetString()!;
        return _lastChannel;
    }
}
