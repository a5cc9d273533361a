using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>
/// Describes as they were last answered. There are as many as the org has objects, so that none needs to leave; they are the token's
/// user's, of which a client has one.
/// </summary>
internal sealed class DescribeCache
{
    private static readonly Dictionary<string, string> NoCondition = [];

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <param name="Modified">As the org wrote it.</param>
    /// <param name="Describe">What was read of it.</param>
    public sealed record Entry(string Modified, object Describe);

    public Entry? Find(string path) => _entries.GetValueOrDefault(path);

    /// <summary>The headers by which the org answers only if there is something else to tell.</summary>
    public static IReadOnlyDictionary<string, string> Condition(Entry? kept) =>
        kept is null ? NoCondition : new Dictionary<string, string> { ["If-Modified-Since"] = kept.Modified };

    /// <summary>What an answer tells: what is kept, or something new, which is kept from now on.</summary>
    /// <exception cref="JsonException">It is 304 and nobody asked for that, or cannot be read.</exception>
    public T Take<T>(string path, Entry? kept, SalesforceReply reply, Func<T> read)
        where T : class
    {
        if (reply.Status is HttpStatusCode.NotModified)
            return kept?.Describe as T ?? throw new JsonException("304 answers no call without a condition.");
        T describe = read();
        if (ModifiedOf(reply) is { } modified)
            _entries[path] = new Entry(modified, describe);
        else
            _entries.TryRemove(path, out _);
        return describe;
    }

    // In the very second of a change, another one could come that nobody would be told of.
    private static string? ModifiedOf(SalesforceReply reply) => LastModified.Of(reply) is { IsOver: true } ? reply.Headers["Last-Modified"] : null;
}
