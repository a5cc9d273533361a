using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace SalesforceBridge.Benchmarks;

/// <summary>The least that a Bayeux client can do: it parses each reply to its end and drops it, or hands its events on one by one.</summary>
internal sealed class BarePolls(Uri host) : IDisposable
{
    private const string Channel = "/event/Order_Placed__e";
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = true }) { BaseAddress = host };

    /// <summary>Polls until so many events came.</summary>
    public async Task ReadAsync(int events, Func<ReadOnlyMemory<byte>, long, Task>? each = null)
    {
        using JsonDocument handshake = JsonDocument.Parse(await PostAsync("""[{"channel":"/meta/handshake","version":"1.0","supportedConnectionTypes":["long-polling"],"ext":{"replay":true}}]"""));
        string client = handshake.RootElement[0].GetProperty("clientId").GetString()!;
        await PostAsync($$"""[{"channel":"/meta/subscribe","clientId":"{{client}}","subscription":"{{Channel}}","ext":{"replay":{"{{Channel}}":-2} } }]""");
        for (int count = 0; count < events;)
        {
            byte[] reply = await PostAsync($$"""[{"channel":"/meta/connect","clientId":"{{client}}","connectionType":"long-polling"}]""");
            count += each is null ? Count(reply) : await HandOnAsync(reply, each);
        }

        await PostAsync($$"""[{"channel":"/meta/disconnect","clientId":"{{client}}"}]""");
    }

    public void Dispose() => _http.Dispose();

    private static int Count(byte[] reply)
    {
        var reader = new Utf8JsonReader(reply);
        int events = 0;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("replayId"u8))
                events++;
        }

        return events;
    }

    private static async Task<int> HandOnAsync(byte[] reply, Func<ReadOnlyMemory<byte>, long, Task> each)
    {
        using JsonDocument json = JsonDocument.Parse(reply);
        int events = 0;
        foreach (JsonElement message in json.RootElement.EnumerateArray().Where(message => message.TryGetProperty("data", out _)))
        {
            JsonElement data = message.GetProperty("data");
            await each(Encoding.UTF8.GetBytes(data.GetProperty("payload").GetRawText()), data.GetProperty("event").GetProperty("replayId").GetInt64());
            events++;
        }

        return events;
    }

    private async Task<byte[]> PostAsync(string body)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage reply = await _http.PostAsync(new Uri("/cometd/62.0", UriKind.Relative), content);
        return await reply.Content.ReadAsByteArrayAsync();
    }
}
