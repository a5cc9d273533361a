using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SalesforceBridge.Salesforce.Bulk;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>
/// An org's REST API. Every call throws <see cref="SalesforceException"/> when the org refuses or cannot be reached, carries the
/// token in use, is sent once more under a new one when the org rejects that, and is retried as its error and the settings say.
/// Threads may share it.
/// </summary>
/// <param name="http">Sends the calls; see <see cref="Http.SalesforceHttp.Create"/>. Stays the caller's.</param>
/// <param name="tokens">Where tokens come from.</param>
/// <param name="settings">How to call.</param>
/// <param name="meters">Where metrics go, under the meter <see cref="MeterName"/>.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where retries are told of.</param>
public sealed partial class SalesforceClient(
    HttpClient http,
    ITokenSource tokens,
    SalesforceClientSettings settings,
    IMeterFactory meters,
    TimeProvider time,
    ILogger<SalesforceClient> logger)
{
    /// <summary>The meter of this client's metrics: <c>salesforce.api.used</c>, <c>salesforce.api.allowed</c>, <c>salesforce.api.retries</c>.</summary>
    public const string MeterName = "SalesforceBridge.Salesforce";

    private Exchange _exchange = new(http, tokens, settings, new SalesforceMetrics(meters), time, logger);
    private DescribeCache _describes = new();

    /// <summary>A client for a program without a host: on the machine's clock, telling its metrics to whoever listens in the process, and logging nothing.</summary>
    /// <param name="http">Sends the calls; see <see cref="Http.SalesforceHttp.Create"/>. Stays the caller's.</param>
    /// <param name="tokens">Where tokens come from, such as an <see cref="OAuthTokenSource"/>.</param>
    /// <param name="settings">How to call; null for the defaults.</param>
    public SalesforceClient(HttpClient http, ITokenSource tokens, SalesforceClientSettings? settings = null)
        : this(http, tokens, settings ?? new SalesforceClientSettings(), OwnMeters.Instance, TimeProvider.System, NullLogger<SalesforceClient>.Instance)
    {
    }

    /// <summary>Jobs that write many records.</summary>
    public IngestJobs IngestJobs => new(_exchange, settings, time);

    /// <summary>Jobs that read many records.</summary>
    public QueryJobs QueryJobs => new(_exchange, settings, time);

    /// <summary>How much of the daily quota is used, as the org told with its last answer; null before the first.</summary>
    public ApiUsage? ApiUsage => _exchange.Usage;

    /// <summary>This client, saying more with every call: <c>org.With(new CallOptions { AllowDuplicates = true }).CreateRecordAsync(...)</c>.</summary>
    /// <param name="options">What to say. They take the place of options that this client was made with; only the client name stays unless they name another.</param>
    /// <returns>A client over the same connections, tokens and metrics.</returns>
    /// <exception cref="ArgumentException">A name has a comma or semicolon, something cannot be said in a header, or a page would hold fewer than 200 or more than 2,000 records.</exception>
    public SalesforceClient With(CallOptions options)
    {
        SalesforceClient client = Over(_exchange.With(options));
        // Another user, or another namespace, sees other objects.
        client._describes = new DescribeCache();
        return client;
    }

    /// <summary>This client for calls of one purpose: each asks a gate first. All else is shared with this one.</summary>
    /// <param name="gate">The gate; any other gate of this client is not asked then.</param>
    public SalesforceClient Through(IApiGate gate) => Over(_exchange.Through(gate));

    private SalesforceClient Over(Exchange exchange)
    {
        var client = (SalesforceClient)MemberwiseClone();
        client._exchange = exchange;
        return client;
    }

    /// <summary>The API versions that the org speaks.</summary>
    public Task<IReadOnlyList<ApiVersion>> GetAvailableRestApiVersionsAsync(CancellationToken ct) =>
        ReadAsync<IReadOnlyList<ApiVersion>, List<ApiVersion>>("/services/data", "list API versions", RestJson.Default.ListApiVersion, ct);

    /// <summary>The org's limits by name, such as <c>DailyApiRequests</c>. The user needs the permission View Setup.</summary>
    public Task<IReadOnlyDictionary<string, OrgLimit>> GetOrganizationLimitsAsync(CancellationToken ct) =>
        ReadAsync<IReadOnlyDictionary<string, OrgLimit>, Dictionary<string, OrgLimit>>(
            "limits", "read limits", RestJson.Default.DictionaryStringOrgLimit, ct);

    /// <summary>Which org and user the token is for.</summary>
    public Task<UserInfo> GetUserInfoAsync(CancellationToken ct) =>
        ReadAsync<UserInfo, UserInfo>("/services/oauth2/userinfo", "read user info", RestJson.Default.UserInfo, ct);

    /// <summary>Any other call.</summary>
    /// <param name="request">What to send.</param>
    /// <param name="ct">Ends the call.</param>
    /// <returns>The answer, when its status is 2xx or 304.</returns>
    public Task<SalesforceReply> SendAsync(SalesforceRequest request, CancellationToken ct) =>
        _exchange.SendAsync(request, reply => reply, ct);

    /// <summary>Any other call, with an answer that is read as it arrives.</summary>
    /// <param name="request">What to send; an answer of another type than <see cref="SalesforceRequest.Accept"/> cannot be used.</param>
    /// <param name="ct">Ends the call until the answer begins; each read has a token of its own.</param>
    /// <returns>The answer, when its status is 2xx; the caller disposes of it.</returns>
    public Task<StreamedReply> OpenAsync(SalesforceRequest request, CancellationToken ct) => _exchange.OpenAsync(request, ct);

    private Task<TResult> ReadAsync<TResult, T>(string path, string what, JsonTypeInfo<T> type, CancellationToken ct)
        where T : TResult =>
        GetAsync<TResult>(path, what, body => Read(body, type), ct);

    private static T Read<T>(SalesforceReply reply, JsonTypeInfo<T> type) => Read(reply.Body.Span, type);

    private static T Read<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(body, type) ?? throw new JsonException("The answer is null.");
}
