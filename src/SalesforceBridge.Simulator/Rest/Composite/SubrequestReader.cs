using System.Text.Json;
using System.Text.RegularExpressions;
using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.Rest.Composite;

/// <summary>Reads the subrequests of a request. What is wrong with one of them refuses all.</summary>
internal static partial class SubrequestReader
{
    private static readonly string[] Methods = ["GET", "POST", "PATCH", "DELETE"];

    /// <summary>What every subrequest takes from the request around it.</summary>
    private static readonly string[] ForbiddenHeaders = ["Accept", "Authorization", "Content-Type"];

    /// <summary>The subrequests of a composite or of a graph: each has a reference id of its own.</summary>
    /// <exception cref="ApiException">They cannot be read.</exception>
    public static IReadOnlyList<Subrequest> ReadReferenced(JsonElement owner)
    {
        Subrequest[] requests = [.. ReadArray(owner, "compositeRequest").Select(each => Read(each, "body") with
        {
            ReferenceId = ReferenceIdOf(each),
            Headers = HeadersOf(each),
        })];
        foreach (IGrouping<string?, Subrequest> same in requests.GroupBy(request => request.ReferenceId).Where(group => group.Skip(1).Any()))
            throw Wrong($"The referenceId '{same.Key}' is there more than once; each subrequest needs one of its own");
        return requests;
    }

    /// <exception cref="ApiException">They cannot be read.</exception>
    public static IReadOnlyList<Subrequest> ReadBatch(JsonElement owner) => [.. ReadArray(owner, "batchRequests").Select(each => Read(each, "richInput"))];

    /// <exception cref="ApiException">There is no such array.</exception>
    public static IEnumerable<JsonElement> ReadArray(JsonElement owner, string name) =>
        owner.ValueKind is JsonValueKind.Object && owner.TryGetProperty(name, out JsonElement array) && array.ValueKind is JsonValueKind.Array
            ? array.EnumerateArray()
            : throw new ApiException(400, ApiError.Unreadable($"The request needs an object with an array '{name}'"));

    /// <summary>The text of a property, if it is one.</summary>
    public static string? Text(JsonElement owner, string name) =>
        owner.ValueKind is JsonValueKind.Object && owner.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String
            ? value.GetString()
            : null;

    public static bool Flag(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out JsonElement flag) && flag.ValueKind is JsonValueKind.True;

    public static ApiException Wrong(string why) => new(400, new ApiError("INVALID_INPUT", why));

    private static Subrequest Read(JsonElement sent, string bodyName)
    {
        string method = Text(sent, "method") ?? throw new ApiException(400, ApiError.Unreadable("A subrequest needs a method"));
        string url = Text(sent, "url") ?? throw new ApiException(400, ApiError.Unreadable("A subrequest needs a url"));
        if (!Methods.Contains(method))
            throw Wrong($"A subrequest has one of the methods {string.Join(", ", Methods)}, not '{method}'");
        return new Subrequest(method, url, sent.TryGetProperty(bodyName, out JsonElement body) ? body : default);
    }

    private static string ReferenceIdOf(JsonElement sent)
    {
        string id = Text(sent, "referenceId") ?? throw new ApiException(400, ApiError.Unreadable("A subrequest needs a referenceId"));
        return ReferenceId().IsMatch(id) ? id : throw Wrong(
            $"Provided referenceId ('{id}') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').");
    }

    private static Dictionary<string, string> HeadersOf(JsonElement sent)
    {
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        if (sent.TryGetProperty("httpHeaders", out JsonElement all) && all.ValueKind is JsonValueKind.Object)
        {
            foreach (JsonProperty header in all.EnumerateObject())
                headers[header.Name] = header.Value.ToString();
        }
        return ForbiddenHeaders.FirstOrDefault(headers.ContainsKey) is { } forbidden
            ? throw Wrong($"A subrequest cannot have the header {forbidden}; it takes that of its request")
            : headers;
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ReferenceId();
}
