using System.Globalization;
using SalesforceBridge.Simulator.Automation;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Identity;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>What every REST and token call passes: outages, version, token, quota, the count, and the form of errors.</summary>
internal sealed class ApiGate(Org org)
{
    private const string RestPath = "/services/data";

    private long _used;

    /// <summary>The API requests counted so far.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Counts calls beside the one that the request is.</summary>
    public void Charge(HttpContext context, int calls) => ShowUsage(context, Interlocked.Add(ref _used, calls));

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        bool isRest = context.Request.Path.StartsWithSegments(RestPath, StringComparison.OrdinalIgnoreCase) || IsApex(context);
        ApiCallKind? kind = context.GetEndpoint()?.Metadata.GetMetadata<CallKind>()?.Kind ?? (isRest ? ApiCallKind.Other : null);
        if (kind is null)
        {
            await next(context);
            return;
        }
        var entry = new LedgerEntry(org, context, Refine(kind.Value, context));
        context.Response.Headers.Date = org.Now.ToString("R", CultureInfo.InvariantCulture);
        // Before a byte of the answer is on its way: who has it may look at the ledger.
        context.Response.OnStarting(() =>
        {
            entry.Close(context.Response.StatusCode);
            return Task.CompletedTask;
        });
        try
        {
            await AnswerAsync(context, next, entry, isRest);
        }
        catch (ApiException refused)
        {
            await JsonReply.Error(refused.Status, refused.Error).ExecuteAsync(context);
        }
    }

    // Creating an event is publishing it.
    private static ApiCallKind Refine(ApiCallKind kind, HttpContext context) =>
        kind is ApiCallKind.Create && context.GetRouteValue("type") is string type && type.EndsWith("__e", StringComparison.OrdinalIgnoreCase)
            ? ApiCallKind.Publish
            : kind;

    private async Task AnswerAsync(HttpContext context, RequestDelegate next, LedgerEntry entry, bool isRest)
    {
        FaultTarget target = isRest ? FaultTarget.Api : FaultTarget.Token;
        if (await Door.PassAsync(org, target, entry.Kind, context.RequestAborted) is { } outage)
        {
            await outage.ExecuteAsync(context);
            return;
        }
        if (isRest && !IsApex(context) && context.GetRouteValue("version") is null && context.GetEndpoint()?.Metadata.GetMetadata<CallKind>() is not null)
        {
            // The list of versions is free and open.
            await next(context);
            return;
        }
        if (isRest)
            Admit(context, entry);
        await RunAsync(context, next, entry, isRest);
    }

    private void Admit(HttpContext context, LedgerEntry entry)
    {
        int version = IsApex(context) ? ApiVersions.Newest : ApiVersions.Require(context.Request.Path);
        AccessToken token = Authenticate(context);
        context.Features.Set(new ApiCall(entry.Number, token.User, version, context.Request.CallOption("client")) { Save = context.Request.SaveHeaders() });
        long used = Interlocked.Increment(ref _used);
        ShowUsage(context, used);
        if (org.Faults.Strike<Fault.RefusedCall>(fault => Door.Fits(fault.Call, entry.Kind)) is { } refused)
            throw new ApiException(refused.Status, new ApiError(refused.StatusCode, refused.Message));
        QuotaKind? exceeded = org.Faults.Strike<Fault.QuotaExceeded>()?.Quota ?? (used > org.DailyApiRequests ? QuotaKind.Daily : null);
        if (exceeded is { } quota)
        {
            throw new ApiException(403, new ApiError("REQUEST_LIMIT_EXCEEDED", quota is QuotaKind.Daily
                ? "TotalRequests Limit exceeded."
                : "ConcurrentRequests (Concurrent API Requests) Limit exceeded."));
        }
    }

    private static bool IsApex(HttpContext context) => context.Request.Path.StartsWithSegments(ApexRestEndpoint.Path, StringComparison.OrdinalIgnoreCase);

    private void ShowUsage(HttpContext context, long used)
    {
        if (org.Faults.Strike<Fault.UntoldUsage>() is not null)
            return;
        context.Response.Headers["Sforce-Limit-Info"] = string.Create(CultureInfo.InvariantCulture, $"api-usage={used}/{org.DailyApiRequests}");
    }

    private AccessToken Authenticate(HttpContext context)
    {
        string? value = Bearer.Read(context.Request);
        if (value is null && context.Request.Headers.Authorization.Count > 0)
            throw new ApiException(401, new ApiError("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"));
        bool here = org.Address.IsInstance(context.Connection.LocalPort);
        AccessToken token = (here ? org.Tokens.Find(value) : null) ?? throw new ApiException(401, ApiError.SessionExpired);
        if (org.Faults.Strike<Fault.ExpiredToken>(fault => fault.On is null or FaultTarget.Api) is null)
            return token;
        org.Tokens.Revoke(token.Value);
        throw new ApiException(401, ApiError.SessionExpired);
    }

    private async Task RunAsync(HttpContext context, RequestDelegate next, LedgerEntry entry, bool isRest)
    {
        bool cut = isRest && org.Faults.Strike<Fault.CutApiReply>(fault => Door.Fits(fault.Call, entry.Kind)) is not null;
        if (cut)
            context.Response.Body = Stream.Null;
        try
        {
            await next(context);
        }
        finally
        {
            if (cut)
            {
                entry.Close(status: 0);
                context.Abort();
            }
        }
        if (isRest && !context.Response.HasStarted && context.GetEndpoint()?.Metadata.GetMetadata<CallKind>() is null)
            await UnknownAsync(context);
    }

    // Nothing is mapped here: either the path or the method is wrong.
    private static Task UnknownAsync(HttpContext context)
    {
        if (context.Response.StatusCode != StatusCodes.Status405MethodNotAllowed)
            throw new ApiException(404, ApiError.NotFound);
        throw new ApiException(405, new ApiError(
            "METHOD_NOT_ALLOWED", $"HTTP Method '{context.Request.Method}' not allowed. Allowed are {context.Response.Headers.Allow}"));
    }

    /// <summary>The call's line in the ledger, written once.</summary>
    private sealed class LedgerEntry(Org org, HttpContext context, ApiCallKind kind)
    {
        private bool _closed;

        public long Number { get; } = org.Ledger.NextCall();

        public ApiCallKind Kind => kind;

        public void Close(int status)
        {
            if (_closed)
                return;
            _closed = true;
            org.Ledger.Record(new ReceivedCall(Number, kind, context.Features.Get<ApiCall>()?.User.Username, status));
            org.Changed.Ring();
        }
    }
}
