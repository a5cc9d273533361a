using System.Globalization;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>A state of a record: what a read told of it, for the condition of a later call.</summary>
/// <param name="LastModified">When it came to be; the header for it counts whole seconds. Null where that is unknown.</param>
/// <param name="ETag">The org's own name of the state, which it has for accounts only. Where there is one, it alone counts.</param>
public sealed record RecordVersion(DateTimeOffset? LastModified, string? ETag = null)
{
    // Within the second of a change another one may come that has the same time. Who asks with an earlier one misses nothing.
    internal static RecordVersion Of(SalesforceReply reply) => new(
        Rest.LastModified.Of(reply) is { } modified ? modified.IsOver ? modified.At : modified.At.AddSeconds(-1) : null,
        reply.Headers.GetValueOrDefault("ETag"));

    internal Dictionary<string, string> IfChanged() => Condition("If-None-Match", "If-Modified-Since");

    internal Dictionary<string, string> IfUnchanged() => Condition("If-Match", "If-Unmodified-Since");

    private Dictionary<string, string> Condition(string byTag, string byTime) => this switch
    {
        { ETag: { } tag } => new() { [byTag] = tag },
        { LastModified: { } moment } => new() { [byTime] = moment.UtcDateTime.ToString("R", CultureInfo.InvariantCulture) },
        _ => [],
    };
}

/// <summary>What a read with a condition found.</summary>
/// <typeparam name="T">A record.</typeparam>
public abstract record ConditionalRead<T>
{
    private ConditionalRead()
    {
    }

    /// <summary>The record is as it was known.</summary>
    public sealed record Unchanged : ConditionalRead<T>;

    /// <summary>The record is another than the one that was known.</summary>
    /// <param name="Record">What it is now.</param>
    /// <param name="Version">Its state, for the next time.</param>
    public sealed record Changed(T Record, RecordVersion Version) : ConditionalRead<T>;
}
