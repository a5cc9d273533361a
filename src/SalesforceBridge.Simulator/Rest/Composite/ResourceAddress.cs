using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace SalesforceBridge.Simulator.Rest.Composite;

/// <summary>What sort of resource a subrequest asks for; each of the composite family takes some of them.</summary>
internal enum ResourceKind
{
    Unknown,
    Record,
    Describe,
    Query,
    Collection,
    Search,
    Limits,
}

/// <summary>What the URL of a subrequest says.</summary>
/// <param name="FullPath">From the host on.</param>
/// <param name="Path">What follows the version, each part unescaped.</param>
/// <param name="Query">The parameters.</param>
internal sealed record ResourceAddress(string FullPath, string[] Path, IReadOnlyDictionary<string, StringValues> Query)
{
    private const string Root = "/services/data/";

    /// <summary>Of the API: 62.</summary>
    /// <exception cref="Records.ApiException">The API has no such version.</exception>
    public int Version => ApiVersions.Require(new PathString(FullPath));

    public ResourceKind Kind => Path switch
    {
        _ when !FullPath.StartsWith(Root, StringComparison.Ordinal) => ResourceKind.Unknown,
        ["sobjects"] or ["sobjects", _, "describe"] => ResourceKind.Describe,
        ["sobjects", ..] => ResourceKind.Record,
        ["query" or "queryAll", ..] => ResourceKind.Query,
        ["composite", "sobjects", ..] => ResourceKind.Collection,
        ["search"] => ResourceKind.Search,
        ["limits"] => ResourceKind.Limits,
        _ => ResourceKind.Unknown,
    };

    public static ResourceAddress Parse(string url)
    {
        // In a batch URLs begin with the version.
        string[] parts = (url.StartsWith('/') ? url : Root + url).Split('?', 2);
        string path = parts[0].TrimEnd('/');
        return new ResourceAddress(
            path,
            [.. path.Split('/').Skip(4).Select(Uri.UnescapeDataString)],
            QueryHelpers.ParseQuery(parts.ElementAtOrDefault(1)));
    }

    public string Parameter(string name) => Query.GetValueOrDefault(name).ToString();
}
