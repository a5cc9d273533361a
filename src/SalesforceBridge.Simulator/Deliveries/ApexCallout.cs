using System.IO.Compression;
using System.Net.Http.Headers;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Deliveries;

/// <summary>What a trigger sends for the records it ran with. The body is what they were then, however late a retry is.</summary>
internal sealed class ApexCallout(Org org, RuleLine line, ApexTrigger trigger, byte[] body, SentDelivery entry) : Delivery(line, entry)
{
    private const int ShownCharacters = 500;

    private readonly byte[] _body = trigger.Gzip ? Compress(body) : body;

    public NamedCredential? Credential { get; init; }

    public override TimeSpan Timeout => org.Options.CalloutTimeout;

    public override IReadOnlyList<TimeSpan> Retries => trigger.Form is ApexForm.Queueable ? RetrySchedule.Queueable : RetrySchedule.None;

    public override HttpRequestMessage ToRequest(Uri url)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(_body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (trigger.Gzip)
            request.Content.Headers.ContentEncoding.Add("gzip");
        foreach (string key in Entry.Keys)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        foreach ((string name, string value) in trigger.Headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (Credential is not null)
            request.Options.Set(CredentialHandler.Credential, Credential);
        return request;
    }

    public override Verdict Judge(int status, string body) => status switch
    {
        >= 200 and < 300 => new Verdict.Delivered(status),
        StatusCodes.Status408RequestTimeout or StatusCodes.Status429TooManyRequests or >= 500 => new Verdict.Failed(status, Shown(status, body)),
        _ => new Verdict.Refused(status, Shown(status, body)),
    };

    private static string Shown(int status, string body) => $"({status}) {(body.Length > ShownCharacters ? body[..ShownCharacters] : body)}".TrimEnd();

    private static byte[] Compress(byte[] body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            gzip.Write(body);
        return compressed.ToArray();
    }
}
