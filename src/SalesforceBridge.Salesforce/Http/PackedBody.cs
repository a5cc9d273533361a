using System.IO.Compression;

namespace SalesforceBridge.Salesforce.Http;

/// <summary>Packs what is sent.</summary>
internal static class PackedBody
{
    public const string Encoding = "gzip";

    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(body.Span);
        return packed.GetBuffer().AsMemory(0, (int)packed.Length);
    }
}
