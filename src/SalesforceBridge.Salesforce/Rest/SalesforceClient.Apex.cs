using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SalesforceBridge.Salesforce.Rest;

/// <content>
/// The org's own code: classes below <c>/services/apexrest</c>. An exception that they do not catch is <c>APEX_ERROR</c>. It undid what they
/// had saved, but not what they had called or mailed, so that the call is <see cref="Errors.SalesforceException.InDoubt"/>.
/// What a class says in its own words with a status of 400 and above is <see cref="Errors.SalesforceException.Body"/>.
/// </content>
public sealed partial class SalesforceClient
{
    private const string ApexRoot = "/services/apexrest/";

    /// <summary>Calls a class, and tells what it answers as it is.</summary>
    /// <param name="method">The verb, as the class's annotation says (<c>@HttpPost</c>). A POST and a PATCH are never sent again when nobody knows whether they arrived.</param>
    /// <param name="path">Percent-encoded path and query below <c>/services/apexrest/</c>, as in the class's <c>urlMapping</c>; of a managed package with its namespace in front.</param>
    /// <param name="json">The body; null for none.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="Errors.SalesforceException">The class or the org refused, or could not be reached: <c>NOT_FOUND</c> where no class is mapped to the path, <c>APEX_ERROR</c> from the class.</exception>
    public Task<SalesforceReply> ExecuteApexAsync(HttpMethod method, string path, ReadOnlyMemory<byte>? json, CancellationToken ct) =>
        _exchange.SendAsync(ApexRequest(method, path, json), reply => reply, ct);

    /// <summary>Calls a class without a body, and reads what it answers.</summary>
    /// <param name="method">The verb.</param>
    /// <param name="path">Percent-encoded path and query below <c>/services/apexrest/</c>.</param>
    /// <param name="answer">How the answer is read.</param>
    /// <param name="ct">Ends the call.</param>
    /// <returns>The answer; null where the class returned null.</returns>
    /// <exception cref="Errors.SalesforceException">The class or the org refused, could not be reached, or answered something else.</exception>
    public Task<TAnswer?> ExecuteApexAsync<TAnswer>(HttpMethod method, string path, JsonTypeInfo<TAnswer> answer, CancellationToken ct) =>
        _exchange.SendAsync(ApexRequest(method, path, null), reply => JsonSerializer.Deserialize(reply.Body.Span, answer), ct);

    /// <summary>Calls a class with a body, and reads what it answers.</summary>
    /// <param name="method">The verb.</param>
    /// <param name="path">Percent-encoded path and query below <c>/services/apexrest/</c>.</param>
    /// <param name="body">The body. Apex fills a method's parameters by the names of its members.</param>
    /// <param name="sent">How the body is written.</param>
    /// <param name="answer">How the answer is read.</param>
    /// <param name="ct">Ends the call.</param>
    /// <returns>The answer; null where the class returned null.</returns>
    /// <exception cref="Errors.SalesforceException">The class or the org refused, could not be reached, or answered something else.</exception>
    public Task<TAnswer?> ExecuteApexAsync<TBody, TAnswer>(
        HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> sent, JsonTypeInfo<TAnswer> answer, CancellationToken ct) =>
        _exchange.SendAsync(
            ApexRequest(method, path, JsonSerializer.SerializeToUtf8Bytes(body, sent)), reply => JsonSerializer.Deserialize(reply.Body.Span, answer), ct);

    /// <summary>Posts to a class, and reads what it answers.</summary>
    /// <param name="path">Percent-encoded path and query below <c>/services/apexrest/</c>.</param>
    /// <param name="body">The body.</param>
    /// <param name="sent">How the body is written.</param>
    /// <param name="answer">How the answer is read.</param>
    /// <param name="ct">Ends the call.</param>
    /// <returns>The answer; null where the class returned null.</returns>
    /// <exception cref="Errors.SalesforceException">The class or the org refused, could not be reached, or answered something else.</exception>
    public Task<TAnswer?> ExecuteApexPostAsync<TBody, TAnswer>(
        string path, TBody body, JsonTypeInfo<TBody> sent, JsonTypeInfo<TAnswer> answer, CancellationToken ct) =>
        ExecuteApexAsync(HttpMethod.Post, path, body, sent, answer, ct);

    // The first part of a path is the class's; what follows may be anybody's id.
    private static SalesforceRequest ApexRequest(HttpMethod method, string path, ReadOnlyMemory<byte>? json)
    {
        string below = path.TrimStart('/');
        return new SalesforceRequest(method, ApexRoot + below) { What = $"call Apex {below.Split('/', '?')[0]}", Body = json };
    }
}
