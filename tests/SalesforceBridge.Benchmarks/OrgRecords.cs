using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Serialization;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Benchmarks;

/// <summary>An order of the org, as a query reads it.</summary>
internal sealed record OrgOrder
{
    public string? Id { get; init; }

    public string? Name { get; init; }

    [JsonPropertyName("Amount__c")]
    public decimal? Amount { get; init; }

    [JsonPropertyName("Status__c")]
    public string? Status { get; init; }

    [JsonPropertyName("Ordered_On__c")]
    public DateOnly? OrderedOn { get; init; }

    [JsonPropertyName("Accepted_At__c")]
    public DateTimeOffset? AcceptedAt { get; init; }

    [JsonPropertyName("Note__c")]
    public string? Note { get; init; }
}

[JsonSourceGenerationOptions(Converters = [typeof(SalesforceDateTimeConverter)])]
[JsonSerializable(typeof(OrgOrder))]
internal sealed partial class OrgOrderJson : JsonSerializerContext;

/// <summary>Records of about 300 bytes, as they are sent and as an org answers them.</summary>
internal static class OrgRecords
{
    public const int Count = 20_000;

    public const int PageSize = 2_000;

    // Whatever is answered is answered often, so that writing and packing it is no part of what is measured.
    private static readonly ConcurrentDictionary<int, byte[]> Results = new();
    private static readonly ConcurrentDictionary<byte[], byte[]> PackedAnswers = new();

    /// <summary>What an update sends.</summary>
    public static readonly IReadOnlyList<ReadOnlyMemory<byte>> Updates = [.. Enumerable.Range(0, Count).Select(n => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(
        $$"""{"Id":"{{IdOf(n)}}","Status__c":"Accepted","Amount__c":{{n}}.25,"Ordered_On__c":"2026-11-23","Note__c":"{{NoteOf(n)}}"}"""))];

    /// <summary>The pages of a query for all of them.</summary>
    public static readonly IReadOnlyList<byte[]> Pages = [.. Enumerable.Range(0, Count / PageSize).Select(Page)];

    /// <summary>The answer to a save of so many.</summary>
    public static byte[] ResultsOf(int records) => Results.GetOrAdd(records, count => Encoding.UTF8.GetBytes(
        $"[{string.Join(',', Enumerable.Range(0, count).Select(n => $$"""{"id":"{{IdOf(n)}}","success":true,"errors":[]}"""))}]"));

    /// <summary>The answer as an org sends it to whoever takes gzip.</summary>
    public static byte[] Packed(byte[] answer) => PackedAnswers.GetOrAdd(answer, plain =>
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(plain);
        return packed.ToArray();
    });

    private static string IdOf(int n) => $"a00{n:d12}AAA";

    private static string NoteOf(int n) => $"Order {n}: {new string((char)('a' + (n % 26)), 100)}, to be left at the gate.";

    private static byte[] Page(int page)
    {
        string next = (page + 1) * PageSize < Count ? $",\"nextRecordsUrl\":\"/services/data/v62.0/query/{page + 1}\"" : "";
        IEnumerable<string> records = Enumerable.Range(page * PageSize, PageSize).Select(n =>
            $$"""{"attributes":{"type":"Order__c","url":"/services/data/v62.0/sobjects/Order__c/{{IdOf(n)}}"},"Id":"{{IdOf(n)}}","Name":"O-{{n:d5}}","Amount__c":{{n}}.25,"Status__c":"Accepted","Ordered_On__c":"2026-11-23","Accepted_At__c":"2026-11-23T08:00:00.000+0000","Note__c":"{{NoteOf(n)}}"}""");
        return Encoding.UTF8.GetBytes($$"""{"totalSize":{{Count}},"done":{{(next.Length == 0 ? "true" : "false")}}{{next}},"records":[{{string.Join(',', records)}}]}""");
    }
}
