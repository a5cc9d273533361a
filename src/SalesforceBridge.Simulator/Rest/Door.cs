using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>The faults that stand at a door of the org and look at nothing but the door: delays and outages.</summary>
internal static class Door
{
    private const string MaintenancePage =
        "<!DOCTYPE html><html><head><title>We are down for maintenance.</title></head><body><h1>Down for maintenance</h1></body></html>";

    /// <summary>Waits out a delay; then the answer of an outage, or nothing when the door is open.</summary>
    public static async Task<IResult?> PassAsync(Org org, FaultTarget target, ApiCallKind kind, CancellationToken ct)
    {
        if (org.Faults.Strike<Fault.Delayed>(delayed => delayed.On == target && Fits(delayed.Call, kind)) is { By: var delay })
            await Task.Delay(delay, org.Options.TimeProvider, ct);
        if (org.Faults.Strike<Fault.HtmlOutage>(outage => outage.On == target) is not null)
            return Results.Text(MaintenancePage, "text/html", statusCode: StatusCodes.Status503ServiceUnavailable);
        return org.Faults.Strike<Fault.Unavailable>(fault => fault.On == target && Fits(fault.Call, kind)) is { } unavailable
            ? new UnavailableReply(unavailable.RetryAfter)
            : null;
    }

    public static bool Fits(ApiCallKind? wanted, ApiCallKind kind) => wanted is null || wanted == kind;

    private sealed class UnavailableReply(TimeSpan? retryAfter) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            if (retryAfter is { } wait)
                httpContext.Response.Headers.RetryAfter = $"{(long)Math.Ceiling(wait.TotalSeconds)}";
            var error = new ApiError("SERVER_UNAVAILABLE", "Too many requests waiting for connections");
            return JsonReply.Error(StatusCodes.Status503ServiceUnavailable, error).ExecuteAsync(httpContext);
        }
    }
}
