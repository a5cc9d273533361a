using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Destinations.Requests;

/// <summary>What an API answered: as much of it as is kept.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Headers">Those few that a route may want.</param>
/// <param name="Body">The body, unpacked; empty where there is none.</param>
/// <param name="IsCut">There was more of it, or it broke off.</param>
/// <param name="RetryAfter">How long it asks to wait.</param>
internal sealed partial record ApiReply(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body, bool IsCut, TimeSpan? RetryAfter)
{
    private const int LongestHeader = 1000;

    private static readonly string[] Kept =
        ["Content-Type", "Location", "ETag", "Last-Modified", "Retry-After", "X-Request-Id", "Request-Id", "X-Correlation-Id"];

    private static readonly string[] CodeMembers = ["code", "errorCode", "error", "type"];

    /// <summary>The body where it is JSON that Postgres takes; null where it is not.</summary>
    public JsonElement? Json { get; } = !IsCut && Body.Length > 0 && JsonFault.Find(Body) is null
        ? JsonElement.Parse(Body, new JsonDocumentOptions { MaxDepth = JsonFault.DeepestNesting })
        : null;

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The status and, where the body names one, its code: all of an answer that may stand in a log.</summary>
    public string Told => CodeIn(Json) is { } code ? $"{Status} ({code})" : $"{Status}";

    /// <summary>Reads an answer whose headers are there. A body that breaks off is kept as far as it came: what the status says holds.</summary>
    public static async Task<ApiReply> ReadAsync(HttpResponseMessage response, int longest, TimeProvider time, CancellationToken ct)
    {
        var body = new ArrayBufferWriter<byte>();
        bool isCut;
        try
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync(ct);
            isCut = await CopyAsync(stream, body, longest, ct);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or InvalidDataException or OperationCanceledException)
        {
            isCut = true;
        }

        return new ApiReply((int)response.StatusCode, KeptOf(response), body.WrittenSpan.ToArray(), isCut, RetryAfterOf(response, time));
    }

    /// <summary>The answer as <c>on: result of</c> tells it.</summary>
    public ReadOnlyMemory<byte> ToJson()
    {
        var written = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(written);
        json.WriteStartObject();
        json.WriteNumber("status", Status);
        json.WriteStartObject("headers");
        foreach ((string name, string value) in Headers)
            json.WriteString(name, value);
        json.WriteEndObject();
        if (Json is not null)
        {
            json.WritePropertyName("body");
            // It was read above; to look at it again would be to look less deep.
            json.WriteRawValue(Body, skipInputValidation: true);
        }
        else if (Body.Length > 0)
        {
            // jsonb takes no NUL.
            json.WriteString("body", Encoding.UTF8.GetString(Body).Replace('\0', '\uFFFD'));
        }

        if (IsCut)
            json.WriteBoolean("cut", true);
        json.WriteEndObject();
        json.Flush();
        return written.WrittenMemory;
    }

    private static async Task<bool> CopyAsync(Stream stream, ArrayBufferWriter<byte> body, int longest, CancellationToken ct)
    {
        while (body.WrittenCount < longest)
        {
            int read = await stream.ReadAsync(body.GetMemory(4096)[..Math.Min(4096, longest - body.WrittenCount)], ct);
            if (read == 0)
                return false;
            body.Advance(read);
        }

        return await stream.ReadAsync(new byte[1], ct) > 0;
    }

    private static Dictionary<string, string> KeptOf(HttpResponseMessage response)
    {
        Dictionary<string, string> kept = [];
        foreach (string name in Kept)
        {
            if (response.Headers.NonValidated.TryGetValues(name, out var values) || response.Content.Headers.NonValidated.TryGetValues(name, out values))
                kept[name] = Clean(values.ToString());
        }

        return kept;
    }

    private static string Clean(string value) =>
        new([.. value.Take(LongestHeader).Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '\uFFFD' : letter)]);

    private static TimeSpan? RetryAfterOf(HttpResponseMessage response, TimeProvider time)
    {
        TimeSpan? wait = response.Headers.RetryAfter?.Delta ?? response.Headers.RetryAfter?.Date - time.GetUtcNow();
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    // {"code":..}, {"error":{"code":..}}, {"errors":[{"code":..}]}, [{"errorCode":..}] and their kin; one level down and no further.
    private static string? CodeIn(JsonElement? json, bool isInner = false)
    {
        if (json is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0)
            return CodeIn(list[0], isInner);
        if (json is not { ValueKind: JsonValueKind.Object } answer)
            return null;
        foreach (string member in CodeMembers)
        {
            if (answer.TryGetProperty(member, out JsonElement value) && WordOf(value) is { } code)
                return code;
        }

        if (isInner)
            return null;
        return answer.TryGetProperty("error", out JsonElement error) && CodeIn(error, isInner: true) is { } inner
            ? inner
            : answer.TryGetProperty("errors", out JsonElement errors) ? CodeIn(errors, isInner: true) : null;
    }

    // A code is one word; a sentence might hold what was sent.
    private static string? WordOf(JsonElement value)
    {
        string? text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        };
        return text is not null && Word().IsMatch(text) ? text : null;
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Word();
}
