using System.Text.Json;
using System.Text.Json.Serialization;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Routes;

/// <summary>
/// The bridge's own route that publishes what <c>bridge publish</c> accepts. The command only adds a message to the source,
/// so the lane has this route as its one writer, and the message is kept, rewound and dead-lettered like any other.
/// </summary>
internal sealed class PublishRoute : IRouteHandler
{
    public const string Name = "api-publish";

    public const string Source = "api publish";

    public static Route Route { get; } = new(
        new RouteDefinition
        {
            Name = Name,
            Source = SourceName.Parse(Source),
            Action = new RouteAction.Execute(OncePerBatch: false),
            Sql = "select 1",
            // A message may be there before the first worker.
            From = RouteFrom.Earliest,
        },
        new PublishRoute());

    /// <inheritdoc/>
    public Task HandleAsync(Message message, RouteTransaction transaction, CancellationToken ct)
    {
        PublishRequest request = message.Read(PublishJson.Default.PublishRequest);
        return transaction.PublishAsync(request.Event, request.Fields.GetRawText(), ct);
    }
}

/// <summary>An event to publish, as it lies in the inbox.</summary>
internal sealed record PublishRequest(string Event, JsonElement Fields)
{
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, PublishJson.Default.PublishRequest);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PublishRequest))]
internal sealed partial class PublishJson : JsonSerializerContext;
