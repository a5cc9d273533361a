using System.Text.Json.Serialization;

namespace SalesforceBridge.Http;

/// <summary>Why a request is not taken: told to its sender as JSON, without anything of what was sent.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Error">One word for programs, legal as an Apex identifier.</param>
/// <param name="Message">What happened and what to do, for people.</param>
internal sealed record RequestRefusal(int Status, string Error, string Message)
{
    /// <summary>When the same request may do better.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public async Task WriteAsync(HttpResponse response, CancellationToken ct)
    {
        response.StatusCode = Status;
        response.Headers.CacheControl = "no-store";
        if (RetryAfter is { } after)
            response.Headers.RetryAfter = $"{(int)after.TotalSeconds}";
        if (Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";
        await response.WriteAsJsonAsync(new RefusalBody(Error, Message), RefusalJson.Default.RefusalBody, cancellationToken: ct);
    }
}

/// <summary>Ends the reading of a request that is not taken.</summary>
internal sealed class RequestRefusedException(RequestRefusal refusal) : Exception(refusal.Error)
{
    public RequestRefusedException(int status, string error, string message)
        : this(new RequestRefusal(status, error, message))
    {
    }

    public RequestRefusal Refusal => refusal;
}

internal sealed record RefusalBody(string Error, string Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RefusalBody))]
internal sealed partial class RefusalJson : JsonSerializerContext;
