using System.Net;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>A call of the org's REST API.</summary>
/// <param name="Method">The verb.</param>
/// <param name="Path">
/// Percent-encoded path and query: below <c>/services/data/vXX.X/</c>, or from the host on when it begins with a slash
/// (<c>/services/apexrest/orders</c>).
/// </param>
public sealed record SalesforceRequest(HttpMethod Method, string Path)
{
    /// <summary>What the call does, for errors and logs: <c>update Account</c>. Never a payload, an id from outside or a query.</summary>
    public string What { get; init; } = "a REST call";

    /// <summary>The body; null for none.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>A body that is written to the wire while it is produced, in the place of <see cref="Body"/>; null for none.</summary>
    public StreamedBody? StreamedBody { get; init; }

    /// <summary>What the body is; JSON by default.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>What the answer shall be; JSON by default.</summary>
    public string Accept { get; init; } = "application/json";

    /// <summary>Headers of this call, such as <c>Sforce-Auto-Assign</c> or <c>If-Modified-Since</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Statuses that are answers to this call too, beside 2xx and 304, and no refusals of it.</summary>
    internal IReadOnlyList<HttpStatusCode> AlsoAnswers { get; init; } = [];

    /// <summary>Whether it is one of the org's API calls of a day: the list of versions and who a token is for cost none.</summary>
    internal bool IsCounted => Path != "/services/data" && !Path.StartsWith("/services/oauth2/", StringComparison.Ordinal);

    /// <summary>
    /// Whether doing it twice is as good as once, so that it may be sent again when nobody knows whether it arrived. By default
    /// what HTTP says of the verb: not for POST and PATCH.
    /// </summary>
    public bool Repeatable { get; init; } =
        Method == HttpMethod.Get || Method == HttpMethod.Head || Method == HttpMethod.Put || Method == HttpMethod.Delete;
}

/// <summary>What the org answered: a success, or 304 where the request had a condition.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Headers">The answer's headers by name, without regard to case.</param>
/// <param name="Body">The body, unpacked; empty when there is none.</param>
public sealed record SalesforceReply(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body);
