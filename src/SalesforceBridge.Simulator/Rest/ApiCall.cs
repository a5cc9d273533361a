using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>What an endpoint answers; <see cref="ApiGate"/> and the ledger go by it.</summary>
internal sealed record CallKind(ApiCallKind Kind);

/// <summary>A REST call that passed the gate.</summary>
/// <param name="Number">In the ledger.</param>
/// <param name="User">Whose token it carried.</param>
/// <param name="Version">Of the API: 62.</param>
/// <param name="Client">From <c>Sforce-Call-Options</c>.</param>
internal sealed record ApiCall(long Number, User User, int Version, string? Client)
{
    /// <summary><c>/services/data/v62.0</c>.</summary>
    public string Root => $"/services/data/v{Version}.0";

    /// <summary>What it says of the rules that act on what it saves.</summary>
    public SaveHeaders Save { get; init; } = SaveHeaders.None;

    public Actor Actor => new(User, Number, $"com/salesforce/api/rest/{Version}.0{(Client is null ? "" : ";client=" + Client)}") { Save = Save };
}

/// <summary>Small things that endpoints say often.</summary>
internal static class ApiCallExtensions
{
    private static readonly JsonDocumentOptions Lenient = new() { MaxDepth = 64 };

    /// <summary>Says what an endpoint answers.</summary>
    public static void Is(this IEndpointConventionBuilder endpoint, ApiCallKind kind) => endpoint.WithMetadata(new CallKind(kind));

    public static ApiCall Call(this HttpContext context) => context.Features.GetRequiredFeature<ApiCall>();

    /// <summary>An option of the header <c>Sforce-Call-Options: client=name, defaultNamespace=ns</c>.</summary>
    public static string? CallOption(this HttpRequest request, string name) => Option(request.Headers["Sforce-Call-Options"].ToString(), name);

    /// <summary>The headers for the rules of the org.</summary>
    public static SaveHeaders SaveHeaders(this HttpRequest request) => new(
        request.Headers["Sforce-Auto-Assign"] is [{ Length: > 0 } rule] ? rule : null,
        Option(request.Headers["Sforce-Duplicate-Rule-Header"].ToString(), "allowSave") == "true");

    private static string? Option(string header, string name) => header
        .Split([',', ';'], StringSplitOptions.TrimEntries)
        .Select(option => option.Split('=', 2))
        .FirstOrDefault(option => option.Length == 2 && option[0].Equals(name, StringComparison.OrdinalIgnoreCase))?[1];

    /// <summary>The body, read whole.</summary>
    /// <exception cref="ApiException">It is not JSON.</exception>
    public static async Task<JsonElement> ReadJsonAsync(this HttpRequest request, CancellationToken ct)
    {
        if (request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) is not true)
            throw new ApiException(415, new ApiError("UNSUPPORTED_MEDIA_TYPE", $"Content type is not supported: {request.ContentType}"));
        try
        {
            using JsonDocument document = await JsonDocument.ParseAsync(request.Body, Lenient, ct);
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new ApiException(400, ApiError.Unreadable(string.Create(
                CultureInfo.InvariantCulture, $"Unexpected character or end of input at [line:{error.LineNumber + 1}, column:{error.BytePositionInLine + 1}]")));
        }
    }

    /// <summary>The object of that name.</summary>
    /// <exception cref="ApiException">404, there is none.</exception>
    public static ObjectType Require(this OrgSchema schema, string name) => schema.Find(name) ?? throw new ApiException(404, ApiError.NotFound);

    /// <summary>The id in its 18-character form.</summary>
    /// <exception cref="ApiException">It is no id, or one of another object.</exception>
    public static string RequireId(this ObjectType type, string text) =>
        SalesforceId.Normalise(text) is { } id && id.StartsWith(type.KeyPrefix, StringComparison.Ordinal)
            ? id
            : throw new ApiException(400, new ApiError("MALFORMED_ID", $"{type.Label} ID: id value of incorrect type: {text}", SystemFields.Id));
}
