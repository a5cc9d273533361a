using System.Text.Json.Serialization;
using SalesforceBridge.Health;

namespace SalesforceBridge.Http;

/// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: it also does its work. Neither asks anybody anything.</summary>
internal static class HealthEndpoints
{
    private static readonly string[] Reading = ["GET", "HEAD"];

    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapMethods("/healthz", Reading, context => context.Response.WriteAsync("ok\n", context.RequestAborted));
        endpoints.MapMethods("/readyz", Reading, context =>
        {
            ReadinessReport report = ReadinessReport.Of(context.RequestServices.GetServices<IReadinessCheck>());
            context.Response.StatusCode = report.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.CacheControl = "no-store";
            return context.Response.WriteAsJsonAsync(report, ReadinessJson.Default.ReadinessReport, cancellationToken: context.RequestAborted);
        });
    }
}

/// <summary>What <c>/readyz</c> answers.</summary>
internal sealed record ReadinessReport(string Status, IReadOnlyDictionary<string, ReadinessReport.Part> Checks)
{
    /// <summary>One part; why and fix only when it is not ready.</summary>
    public sealed record Part(string Status, string? Why, string? Fix);

    [JsonIgnore]
    public bool IsReady => Checks.Values.All(part => part.Status == new Readiness.Ready().Status);

    public static ReadinessReport Of(IEnumerable<IReadinessCheck> checks)
    {
        Dictionary<string, Readiness> parts = checks.ToDictionary(check => check.Name, check => check.Current);
        Readiness worst = parts.Values.OfType<Readiness.SetupNeeded>().FirstOrDefault()
            ?? parts.Values.OfType<Readiness.Degraded>().FirstOrDefault()
            ?? (Readiness)new Readiness.Ready();
        return new ReadinessReport(worst.Status, parts.ToDictionary(part => part.Key, part => PartOf(part.Value)));
    }

    private static Part PartOf(Readiness readiness) => readiness switch
    {
        Readiness.Degraded degraded => new Part(degraded.Status, degraded.Why, degraded.Fix),
        Readiness.SetupNeeded setup => new Part(setup.Status, setup.Why, setup.Fix),
        _ => new Part(readiness.Status, null, null),
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(ReadinessReport))]
internal sealed partial class ReadinessJson : JsonSerializerContext;
