using System.Text;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Rest;

/// <content>Files, streamed both ways.</content>
public sealed partial class SalesforceClient
{
    /// <summary>The bytes of a blob field, read as they arrive.</summary>
    /// <param name="sObject">The object's API name, such as <c>ContentVersion</c>.</param>
    /// <param name="id">The record's id.</param>
    /// <param name="blobField">The field's API name, such as <c>VersionData</c>.</param>
    /// <param name="ct">Ends the call until the bytes begin; each read has a token of its own.</param>
    /// <returns>
    /// A stream that the caller disposes of, for asynchronous reads only. Each may take <see cref="SalesforceClientSettings.Timeout"/>; one that breaks off is a
    /// <see cref="SalesforceException"/>, and what was read until then is not the whole.
    /// </returns>
    /// <exception cref="SalesforceException">The org refused (<c>NOT_FOUND</c>) or could not be reached.</exception>
    public async Task<Stream> BlobRetrieveStreamAsync(string sObject, string id, string blobField, CancellationToken ct)
    {
        var request = new SalesforceRequest(HttpMethod.Get, RecordPath.Record(sObject, id, blobField)) { What = $"read {sObject}.{blobField}", Accept = "*/*" };
        StreamedReply reply = await _exchange.OpenAsync(request, ct);
        return reply.Body;
    }

    /// <summary>
    /// Creates a record with a file in it, sent as it is read: up to 2 GB for <c>ContentVersion</c>, 500 MB for other objects (REST API,
    /// Insert or Update Blob Data). When nobody knows whether it came about the exception is <see cref="SalesforceException.InDoubt"/>.
    /// </summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="record">The other fields; a <c>ContentVersion</c> needs <c>PathOnClient</c>.</param>
    /// <param name="blobField">The field's API name, such as <c>VersionData</c>.</param>
    /// <param name="fileName">The file's name.</param>
    /// <param name="content">The bytes, from where the stream stands; it stays the caller's. One that can seek is sent again where that helps.</param>
    /// <param name="ct">Ends the call; then nobody knows whether it happened.</param>
    /// <exception cref="SalesforceException">The org refused or could not be reached.</exception>
    public async Task<SaveResult> CreateBlobRecordAsync(
        string sObject, RecordJson record, string blobField, string fileName, Stream content, CancellationToken ct)
    {
        string boundary = $"blob-{Guid.NewGuid():n}";
        StreamedBody file = StreamedBody.From(content);
        var request = new SalesforceRequest(HttpMethod.Post, RecordPath.Object(sObject))
        {
            What = SaveRequests.Name(SaveVerb.Create, sObject),
            ContentType = $"multipart/form-data; boundary={boundary}",
            StreamedBody = new StreamedBody(async (wire, end) =>
            {
                await wire.WriteAsync(FieldsPart(boundary, record), end);
                await wire.WriteAsync(FilePart(boundary, blobField, fileName), end);
                await file.CopyToAsync(wire, end);
                await wire.WriteAsync(Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n"), end);
            })
            { IsReplayable = file.IsReplayable },
        };
        return Done(await _exchange.SendAsync(request, reply => SavedAlone(reply, SaveVerb.Create, null), ct), SaveVerb.Create, sObject);
    }

    private static byte[] FieldsPart(string boundary, RecordJson record) =>
    [
        .. Encoding.UTF8.GetBytes($"--{boundary}\r\nContent-Disposition: form-data; name=\"entity_content\"\r\nContent-Type: application/json\r\n\r\n"),
        .. record.Utf8.Span,
    ];

    private static byte[] FilePart(string boundary, string blobField, string fileName) => Encoding.UTF8.GetBytes(
        $"\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"{Quotable(blobField)}\"; filename=\"{Quotable(fileName)}\"\r\n"
        + "Content-Type: application/octet-stream\r\n\r\n");

    // What would end the quotes, or the line.
    private static string Quotable(string text) => text.Replace("\"", "%22").Replace("\r", "%0D").Replace("\n", "%0A");
}
