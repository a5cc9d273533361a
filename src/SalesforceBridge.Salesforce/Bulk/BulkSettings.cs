namespace SalesforceBridge.Salesforce.Bulk;

/// <summary>How Bulk jobs are uploaded and waited for.</summary>
public sealed record BulkSettings
{
    /// <summary>
    /// The most bytes of CSV in one job, its header included; 100,000,000 by default, which is what Salesforce recommends (Bulk API 2.0,
    /// Upload Job Data: 150 MB once it is encoded). A header and one row must fit.
    /// </summary>
    public long LargestUpload { get; init; } = 100_000_000;

    /// <summary>The pause between the first two looks at a job, 1 second by default; each further one is half as long again.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between two looks at a job; 30 seconds by default. Each look is an API call.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long aborting a job may take that nobody waits for any more; 10 seconds by default. After it the job is left to the org.</summary>
    public TimeSpan AbortTimeout { get; init; } = TimeSpan.FromSeconds(10);

    internal TimeSpan PauseAfter(TimeSpan pause) => pause * 1.5 < LongestPause ? pause * 1.5 : LongestPause;
}
