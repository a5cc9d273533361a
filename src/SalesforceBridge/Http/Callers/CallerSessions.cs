using SalesforceBridge.Http.Callouts;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Http.Callers;

/// <summary>
/// What a caller's session in the org is good for: one that AppLink brings admits its user, and any admits deliveries in the user's name,
/// where a route makes them so. Elsewhere a session is not even looked at.
/// </summary>
internal sealed class CallerSessions(OrgSessions sessions, CallerTokens tokens)
{
    public const string SessionHeader = "X-Bridge-Session";

    private const string Ways = $"Send the session id of the user (UserInfo.getSessionId()) as {SessionHeader}.";

    private static readonly TimeSpan Later = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterSetup = TimeSpan.FromSeconds(60);

    /// <summary>Who calls through AppLink.</summary>
    /// <exception cref="RequestRefusedException">The org could not be asked.</exception>
    public async Task<Admission> AdmitAsync(string header, CancellationToken ct)
    {
        if (AppLinkContext.Read(header) is not { } context)
            return new Admission.Refused($"{AppLinkContext.Header} is not what AppLink writes.");
        return await sessions.ProveAsync(context.Token, ct) switch
        {
            SessionProof.Proven(var of) when of.IsOf(context.OrgId) => new Admission.Admitted(new Caller(of.UserId, "applink")),
            SessionProof.Proven => new Admission.Refused($"{AppLinkContext.Header} is of another org than this bridge is set up for."),
            SessionProof.Unasked(var why) => throw Unasked(AppLinkContext.Header, why),
            _ => new Admission.Refused($"The token of {AppLinkContext.Header} is none of the org that this bridge is set up for."),
        };
    }

    /// <summary>The session of an admitted caller, to be kept with its messages; null where no route needs one.</summary>
    /// <exception cref="RequestRefusedException">A route needs one and there is none that the org confirms, or none can be kept.</exception>
    public async Task<SealedCaller?> TakeAsync(Callout callout, IHeaderDictionary headers, CancellationToken ct)
    {
        if (!callout.IsAsCaller)
            return null;
        if (!tokens.CanSeal)
            throw new RequestRefusedException(RouteUnfit());
        (string header, string? token, string? orgId) = Find(headers);
        if (token is null)
            throw NoSession($"A route on this callout acts as its caller, and {(header.Length == 0 ? "no session came" : $"{header} is not what AppLink writes")}. {Ways}");
        return await sessions.ProveAsync(token, ct) switch
        {
            SessionProof.Proven(var of) when orgId is null || of.IsOf(orgId) => tokens.Seal(of.UserId, token),
            SessionProof.Unasked(var why) => throw Unasked(header, why),
            _ => throw NoSession($"The session of {header} is none of the org that this bridge is set up for, or it ended. {Ways}"),
        };
    }

    private static (string Header, string? Token, string? OrgId) Find(IHeaderDictionary headers)
    {
        if (headers.TryGetValue(SessionHeader, out var session))
            return (SessionHeader, session.ToString().Trim(), null);
        if (!headers.TryGetValue(AppLinkContext.Header, out var applink))
            return ("", null, null);
        var context = AppLinkContext.Read(applink.ToString());
        return (AppLinkContext.Header, context?.Token, context?.OrgId);
    }

    private static RequestRefusedException NoSession(string message) => new(StatusCodes.Status401Unauthorized, "no_session", message);

    private static RequestRefusedException Unasked(string header, string why) => new(new RequestRefusal(
        StatusCodes.Status503ServiceUnavailable, "org_away", $"{header} could not be proven: {why}. Send it again later.")
    { RetryAfter = Later });

    private static RequestRefusal RouteUnfit() => new(
        StatusCodes.Status503ServiceUnavailable, "route_unfit",
        "A route on this callout acts as its caller and cannot start: BRIDGE_ENCRYPTION_KEY is not set. See `bridge routes check`, and send it again later.")
    { RetryAfter = AfterSetup };
}
