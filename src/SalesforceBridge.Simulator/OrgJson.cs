using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SalesforceBridge.Simulator;

/// <summary>JSON as an org writes it: in answers, events and callouts.</summary>
internal static class OrgJson
{
    /// <summary>Salesforce sends text as it is, without escaping what JSON need not escape.</summary>
    public static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What was written, in UTF-8.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Format))
            write(json);
        return buffer.WrittenSpan.ToArray();
    }
}
