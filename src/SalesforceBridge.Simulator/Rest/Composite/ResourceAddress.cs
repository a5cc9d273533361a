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
/// <param name="Version">Of the API: 62.</param>
/// <param name="Path">What follows the version, each part unescaped.</param>
/// <param name="Query">The parameters.</param>
internal sealed record ResourceAddress(int Version, string[] Path, IReadOnlyDictionary<string, StringValues> Query)
{
    private const string Root = "/services/data/";

    public ResourceKind Kind => Path switch
    {
        ["sobjects"] or ["sobjects", _, "describe"] => ResourceKind.Describe,
        ["sobjects", ..] => ResourceKind.Record,
        ["query" or "queryAll", ..] => ResourceKind.Query,
        ["composite", "sobjects", ..] => ResourceKind.Collection,
        ["search"] => ResourceKind.Search,
        ["limits"] => ResourceKind.Limits,
        _ => ResourceKind.Unknown,
    };

    /// <exception cref="Records.ApiException">The API has no such version.</exception>
    public static ResourceAddress Parse(string url)
    {
        // In a batch URLs begin with the version.
        string[] parts = (url.StartsWith('/') ? url : Root + url).Split('?', 2);
        string path = parts[0].TrimEnd('/');
        int version = ApiVersions.Require(new PathString(path));
        return new ResourceAddress(
            version,
            [.. path.Split('/').Skip(4).Select(Uri.UnescapeDataString)],
            QueryHelpers.ParseQuery(parts.ElementAtOrDefault(1)));
    }

    public string Parameter(string name) => Query.GetValueOrDefault(name).ToString();
}
