using System.Text.Json.Serialization.Metadata;

namespace SalesforceBridge.Salesforce.Rest;

/// <content>
/// What objects and fields there are. Answers are kept and asked for again only if they changed (<c>If-Modified-Since</c>): each call
/// still costs one API call and is as true as the org's answer, but it carries next to nothing.
/// </content>
public sealed partial class SalesforceClient
{
    /// <summary>An object with its fields, as far as the user sees them. One that is unknown, or hidden from the user, is <c>NOT_FOUND</c>.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="Errors.SalesforceException">The org refused or could not be reached.</exception>
    public Task<ObjectDescribe> GetObjectDescribeAsync(string sObject, CancellationToken ct) =>
        DescribeAsync($"{RecordPath.Object(sObject)}/describe", $"describe {sObject}", RestJson.Default.ObjectDescribe, ct);

    /// <summary>Every object and event that the user sees, without fields.</summary>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="Errors.SalesforceException">The org refused or could not be reached.</exception>
    public Task<GlobalDescribe> DescribeGlobalAsync(CancellationToken ct) =>
        DescribeAsync("sobjects", "describe all objects", RestJson.Default.GlobalDescribe, ct);

    /// <summary>An object without its fields, and the records of it that the user saw last.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="Errors.SalesforceException">The org refused (<c>NOT_FOUND</c> where the user sees no such object) or could not be reached.</exception>
    public Task<ObjectBasicInfo> GetObjectBasicInfoAsync(string sObject, CancellationToken ct) =>
        ReadAsync<ObjectBasicInfo, ObjectBasicInfo>(RecordPath.Object(sObject), $"summarize {sObject}", RestJson.Default.ObjectBasicInfo, ct);

    private Task<T> DescribeAsync<T>(string path, string what, JsonTypeInfo<T> type, CancellationToken ct)
        where T : class
    {
        DescribeCache.Entry? kept = _describes.Find(path);
        var request = new SalesforceRequest(HttpMethod.Get, path) { What = what, Headers = DescribeCache.Condition(kept) };
        return _exchange.SendAsync(request, reply => _describes.Take(path, kept, reply, () => Read(reply, type)), ct);
    }
}
