using SalesforceBridge.Salesforce.Bulk;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>How the client calls the org.</summary>
public sealed record SalesforceClientSettings
{
    /// <summary>The API version, such as <c>62.0</c> (default); 31.0 is the oldest that orgs still answer.</summary>
    public string ApiVersion { get; init; } = "62.0";

    /// <summary>
    /// The name that calls carry (<c>Sforce-Call-Options: client=...</c>) and that change events repeat as their origin; null, the
    /// default, for none. It is ASCII, without commas and semicolons.
    /// </summary>
    public string? ClientName { get; init; }

    /// <summary>The length in bytes above which a body is sent packed (gzip): less to send for some work of the processor; null, the default, for never.</summary>
    public int? CompressAbove { get; init; }

    /// <summary>How long one try of one call may take, its answer included; 2 minutes by default. The org itself ends at 10. Where a body or an
    /// answer is streamed it is how long the next piece of it may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How many bytes an answer that is held in memory may have, unpacked; 128 MB by default, far more than the largest page of a query. A longer one is
    /// <see cref="Errors.OwnCodes.UnusableReply"/>. It does not hold for what is read as it arrives.
    /// </summary>
    public int LongestAnswer { get; init; } = 128 * 1024 * 1024;

    /// <summary>
    /// How often a call is tried again after an error that passes by itself; 2 by default, 0 where someone above retries. The one
    /// replay under a new token after a 401 is not counted.
    /// </summary>
    public int Retries { get; init; } = 2;

    /// <summary>The pause before the first retry, doubled before each further one and then shortened by up to half at random; 500 ms by default.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// The longest pause before a retry; 10 seconds by default. Where the org asks for more (<c>Retry-After</c>) the call fails at once.
    /// </summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How Bulk jobs are uploaded and waited for.</summary>
    public BulkSettings Bulk { get; init; } = new();

    /// <summary>The pause before a retry, the first being 1.</summary>
    internal TimeSpan PauseBefore(int retry) => FirstPause * Math.Pow(2, retry - 1) * (1 - (Random.Shared.NextDouble() / 2));
}
