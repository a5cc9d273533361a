using System.Globalization;
using System.Security.Cryptography;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>Reads and updates of a record by its id that are wanted only if it has changed, or has not. ETags are there for accounts alone.</summary>
internal sealed class ConditionalRequests(Org org)
{
    private const string TypeWithTags = "Account";

    private static readonly JsonReply NotModified = JsonReply.Empty(StatusCodes.Status304NotModified);

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (Find(context) is not { } record)
            return next(context);
        var modified = (DateTimeOffset)record.Values[SystemFields.LastModifiedDate]!;
        string? tag = record.Type.Name == TypeWithTags ? TagOf(record) : null;
        bool isRead = HttpMethods.IsGet(context.Request.Method);
        if (IsRefused(context.Request, modified, tag, isRead))
            throw new ApiException(412, new ApiError("PRECONDITION_FAILED", "The record is not as the request wants it"));
        if (!isRead)
            return next(context);
        context.Response.Headers.LastModified = modified.ToString("R", CultureInfo.InvariantCulture);
        if (tag is not null)
            context.Response.Headers.ETag = tag;
        return IsKnown(context.Request, modified, tag) ? NotModified.ExecuteAsync(context) : next(context);
    }

    private Record? Find(HttpContext context)
    {
        ApiCallKind? kind = context.GetEndpoint()?.Metadata.GetMetadata<CallKind>()?.Kind;
        if (kind is not (ApiCallKind.Read or ApiCallKind.Update) || context.GetRouteValue("id") is not string id)
            return null;
        return org.Schema.Find(context.GetRouteValue("type") as string) is { IsEvent: false } type
            && org.Read(store => store[type].Find(SalesforceId.Normalise(id))) is { IsDeleted: false } record
                ? record
                : null;
    }

    // Where there is a tag it counts, and the time does not: two changes may fall into one second.
    private static bool IsRefused(HttpRequest request, DateTimeOffset modified, string? tag, bool isRead) =>
        tag is not null && request.Headers.IfMatch is [{ } wanted]
            ? wanted != tag
            : Moment(request.Headers.IfUnmodifiedSince, isRead) is { } known && modified > known;

    private static bool IsKnown(HttpRequest request, DateTimeOffset modified, string? tag) =>
        tag is not null && request.Headers.IfNoneMatch is [{ } kept]
            ? kept == tag
            : Moment(request.Headers.IfModifiedSince, isRead: true) is { } known && modified <= known;

    // A read passes over a value that is no date; a write does not.
    private static DateTimeOffset? Moment(string? text, bool isRead)
    {
        if (text is null)
            return null;
        if (DateTimeOffset.TryParseExact(text, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment))
            return moment;
        return isRead ? null : throw new ApiException(400, new ApiError("INVALID_HEADER", $"'{text}' is no date"));
    }

    private static string TagOf(Record record) =>
        $"\"{Convert.ToHexStringLower(SHA256.HashData(OrgJson.Write(json => RecordJson.Write(json, record, record.Type.Fields, "")))[..8])}\"";
}
