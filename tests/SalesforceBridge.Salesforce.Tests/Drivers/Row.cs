using System.Text.Json;
using System.Text.Json.Serialization;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Salesforce.Tests.Drivers;

/// <summary>A typed record.</summary>
public sealed record Row(
    string? Id,
    DateTimeOffset? CreatedDate,
    [property: JsonPropertyName("Day__c")] DateOnly? Day,
    [property: JsonPropertyName("Closed__c")] DateTimeOffset? Closed);

/// <summary>A record whose converter reads so many tokens of it, and no more.</summary>
[JsonConverter(typeof(CarelessReader))]
public sealed record Careless(string? Id);

/// <summary>Moves on by as many tokens as it is told.</summary>
public sealed class CarelessReader : JsonConverter<Careless>
{
    public static AsyncLocal<int> Tokens { get; } = new();

    public override Careless Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        for (int n = 0; n < Tokens.Value; n++)
            reader.Read();
        return new Careless(null);
    }

    public override void Write(Utf8JsonWriter writer, Careless value, JsonSerializerOptions options) => throw new NotSupportedException();
}

[JsonSourceGenerationOptions(Converters = [typeof(SalesforceDateTimeConverter)])]
[JsonSerializable(typeof(Row))]
[JsonSerializable(typeof(Careless))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class RowJson : JsonSerializerContext;
