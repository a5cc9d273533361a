using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using SalesforceBridge.Simulator.Bulk;
using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>A multipart request: fields as JSON, and files beside them, which lie in temporary files.</summary>
internal sealed class MultipartForm : IDisposable
{
    private const string Json = "application/json";

    private readonly List<Part> _parts = [];

    private MultipartForm()
    {
    }

    /// <param name="Name">Of a field, for a file.</param>
    /// <param name="Type">The media type.</param>
    /// <param name="Content">From its beginning.</param>
    public sealed record Part(string Name, string Type, FileStream Content);

    public IReadOnlyList<Part> Parts => _parts;

    public static bool IsOne(HttpRequest request) => request.ContentType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) is true;

    /// <exception cref="ApiException">It is no such request.</exception>
    public static async Task<MultipartForm> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        var form = new MultipartForm();
        try
        {
            string boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(request.ContentType).Boundary).Value ?? "";
            var reader = new MultipartReader(boundary, request.Body);
            while (await reader.ReadNextSectionAsync(ct) is { } section)
                form._parts.Add(await ReadPartAsync(section, ct));
            return form;
        }
        catch (Exception fault) when (fault is FormatException or InvalidDataException or ArgumentException or IOException)
        {
            form.Dispose();
            throw new ApiException(400, new ApiError("INVALID_MULTIPART_REQUEST", $"The multipart request cannot be read: {fault.Message}"));
        }
    }

    /// <summary>The part of JSON.</summary>
    /// <exception cref="ApiException">There is none, or it cannot be read.</exception>
    public JsonElement JsonPart()
    {
        Part part = _parts.Find(part => part.Type.StartsWith(Json, StringComparison.OrdinalIgnoreCase))
            ?? throw new ApiException(400, new ApiError("INVALID_MULTIPART_REQUEST", "There is no part of JSON"));
        try
        {
            using JsonDocument document = JsonDocument.Parse(part.Content);
            return document.RootElement.Clone();
        }
        catch (JsonException fault)
        {
            throw new ApiException(400, ApiError.Unreadable(fault.Message));
        }
    }

    /// <summary>The JSON with each file in it, as a client without multipart would have sent it.</summary>
    /// <exception cref="ApiException">There is none, or it cannot be read.</exception>
    public JsonElement JsonWithFiles()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, OrgJson.Format))
        {
            json.WriteStartObject();
            foreach (JsonProperty field in JsonPart().EnumerateObject())
                field.WriteTo(json);
            foreach (Part file in _parts.Where(part => !part.Type.StartsWith(Json, StringComparison.OrdinalIgnoreCase)))
            {
                byte[] content = new byte[file.Content.Length];
                file.Content.ReadExactly(content);
                json.WriteBase64String(file.Name, content);
            }
            json.WriteEndObject();
        }
        var reader = new Utf8JsonReader(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }

    public void Dispose() => _parts.ForEach(part => part.Content.Dispose());

    private static async Task<Part> ReadPartAsync(MultipartSection section, CancellationToken ct)
    {
        string name = ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out ContentDispositionHeaderValue? disposition)
            ? HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? ""
            : "";
        FileStream content = RowFile.Temporary();
        await section.Body.CopyToAsync(content, ct);
        content.Position = 0;
        return new Part(name, section.ContentType ?? "", content);
    }
}
