using System.Text.Json;
using System.Text.RegularExpressions;
using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.Rest.Composite;

/// <summary>What subrequests answered, so that later ones can speak of it: <c>@{order.id}</c>, <c>@{found.records[0].Id}</c>.</summary>
internal sealed partial class References
{
    private readonly Dictionary<string, JsonElement> _answers = new(StringComparer.Ordinal);

    public void Add(string referenceId, JsonReply reply)
    {
        if (reply.Status >= StatusCodes.Status300MultipleChoices || reply.Body.IsEmpty)
            return;
        using JsonDocument document = JsonDocument.Parse(reply.Body);
        _answers[referenceId] = document.RootElement.Clone();
    }

    /// <summary>The subrequest with values in the place of references, in its URL and in the texts of its body.</summary>
    /// <exception cref="ApiException">There is no such value.</exception>
    public Subrequest Resolve(Subrequest request) => request with
    {
        Url = Replace(request.Url),
        Body = request.Body.ValueKind is JsonValueKind.Undefined ? default : Resolve(request.Body),
    };

    /// <summary>The names that a subrequest speaks of.</summary>
    public static IEnumerable<string> NamesIn(Subrequest request)
    {
        string body = request.Body.ValueKind is JsonValueKind.Undefined ? "" : request.Body.GetRawText();
        return Reference().Matches(request.Url + " " + body).Select(match => match.Groups["name"].Value);
    }

    private JsonElement Resolve(JsonElement body)
    {
        JsonReply resolved = JsonReply.Of(StatusCodes.Status200OK, json => Write(json, body));
        using JsonDocument document = JsonDocument.Parse(resolved.Body);
        return document.RootElement.Clone();
    }

    private void Write(Utf8JsonWriter json, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    json.WritePropertyName(property.Name);
                    Write(json, property.Value);
                }
                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (JsonElement item in value.EnumerateArray())
                    Write(json, item);
                json.WriteEndArray();
                break;
            // Other texts stay as they were written, those with broken characters too.
            case JsonValueKind.String when value.GetRawText().Contains("@{", StringComparison.Ordinal):
                WriteText(json, value.GetString()!);
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }

    private void WriteText(Utf8JsonWriter json, string text)
    {
        if (Reference().Match(text) is { Success: true } match && match.Length == text.Length && Find(match).ValueKind is JsonValueKind.Null)
            json.WriteNullValue();
        else
            json.WriteStringValue(Replace(text));
    }

    private string Replace(string text) => Reference().Replace(text, match => Find(match).ToString());

    private JsonElement Find(Match match)
    {
        string name = match.Groups["name"].Value;
        JsonElement? value = _answers.TryGetValue(name, out JsonElement answer) ? answer : null;
        foreach (Capture step in match.Groups["step"].Captures)
            value = value is { } owner ? Step(owner, step.Value) : null;
        return value is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Array) } found ? found : throw new ApiException(400, new ApiError(
            "PROCESSING_HALTED", $"Invalid reference specified. No value for {match.Value[2..^1]} found in {name}"));
    }

    private static JsonElement? Step(JsonElement owner, string step) => (owner.ValueKind, step[0]) switch
    {
        (JsonValueKind.Object, '.') => owner.TryGetProperty(step[1..], out JsonElement value) ? value : null,
        (JsonValueKind.Array, '[') => int.TryParse(step[1..^1], out int index) && index < owner.GetArrayLength() ? owner[index] : null,
        _ => null,
    };

    [GeneratedRegex(@"@\{(?<name>[^.\[\]{}]*)(?<step>\.[^.\[\]{}]+|\[\d+\])*\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reference();
}
