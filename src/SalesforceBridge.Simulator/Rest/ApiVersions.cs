using System.Globalization;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>The versions of the API, and what a version offers.</summary>
internal sealed class ApiVersions(Org org)
{
    /// <summary>What calls speak that name no version.</summary>
    public const int Newest = 68;

    private const int Oldest = 31;

    private static readonly string[] Seasons = ["Summer", "Winter", "Spring"];
    private static readonly string[] Resources = ["sobjects", "query", "queryAll", "search", "limits", "recent", "composite", "jobs", "actions", "quickActions", "process", "tabs", "theme"];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/services/data", List).Is(ApiCallKind.Resources);
        routes.MapGet("/services/data/v{version}", Show).Is(ApiCallKind.Resources);
    }

    /// <summary>The version in a path <c>/services/data/v62.0/…</c>.</summary>
    /// <exception cref="ApiException">It is retired (410) or does not exist (404).</exception>
    public static int Require(PathString path)
    {
        string segment = path.Value!.Split('/').ElementAtOrDefault(3) ?? "";
        if (segment is not ['v' or 'V', .. string number] || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal version))
            throw new ApiException(404, ApiError.NotFound);
        return version switch
        {
            < Oldest => throw new ApiException(410, new ApiError("GONE", $"The version {number} of the API is retired")),
            > Newest => throw new ApiException(404, ApiError.NotFound),
            _ => (int)version,
        };
    }

    private static JsonReply List() => JsonReply.Of(StatusCodes.Status200OK, json =>
    {
        json.WriteStartArray();
        for (int version = Oldest; version <= Newest; version++)
        {
            json.WriteStartObject();
            json.WriteString("label", Label(version));
            json.WriteString("url", $"/services/data/v{version}.0");
            json.WriteString("version", $"{version}.0");
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    // Three releases a year, since Summer '14; a winter release bears the coming year.
    private static string Label(int version) => $"{Seasons[(version - Oldest) % 3]} '{14 + ((version - Oldest + 2) / 3)}";

    private JsonReply Show(HttpContext context)
    {
        ApiCall call = context.Call();
        return JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            foreach (string resource in Resources)
                json.WriteString(resource, $"{call.Root}/{resource}");
            json.WriteString("identity", Identity.IdentityEndpoints.IdentityUrl(org, call.User));
            json.WriteEndObject();
        });
    }
}
