using System.Text.Json;
using System.Text.Json.Serialization;

namespace SalesforceBridge.Bayeux;

/// <summary>One message of a reply: either data, or a word about the session.</summary>
internal readonly record struct ReplyMessage(BayeuxData Data, MetaReply? Meta);

/// <summary>What the server says about the session or about a request.</summary>
internal sealed record MetaReply
{
    public string Channel { get; init; } = "";

    public bool Successful { get; init; }

    public string? Error { get; init; }

    public string? ClientId { get; init; }

    public MetaAdvice? Advice { get; init; }

    public JsonElement? Ext { get; init; }

    public BayeuxAdvice AdviceGiven => Advice is null
        ? BayeuxAdvice.None
        : new(Advice.Reconnect, Milliseconds(Advice.Interval), Milliseconds(Advice.Timeout));

    private static TimeSpan? Milliseconds(double? value) => value is >= 0 ? TimeSpan.FromMilliseconds(value.Value) : null;
}

internal sealed record MetaAdvice(string? Reconnect, double? Interval, double? Timeout);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MetaReply))]
internal sealed partial class BayeuxJson : JsonSerializerContext;
