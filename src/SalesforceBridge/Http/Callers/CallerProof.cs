namespace SalesforceBridge.Http.Callers;

/// <summary>What a request has to prove before it is answered, step by step: each costs more than the one before.</summary>
internal sealed class CallerProof(CallerGate gate, CallerSessions sessions)
{
    /// <summary>What address and headers prove, at no cost.</summary>
    /// <exception cref="RequestRefusedException">Nobody at this address may call.</exception>
    public Admission Examine(HttpContext http) => gate.IsTrusted(http.Connection.RemoteIpAddress)
        ? gate.Examine(http.Request.Headers)
        : throw new RequestRefusedException(StatusCodes.Status403Forbidden, "untrusted_address", "The caller's address is not in BRIDGE_TRUSTED_RANGES.");

    /// <summary>The same once the org was asked about a caller that only the org knows.</summary>
    /// <exception cref="RequestRefusedException">The headers prove nothing, or not what they say, or the org could not be asked.</exception>
    public async Task<Admission> AskOrgAsync(Admission admission, CancellationToken ct)
    {
        if (admission is Admission.InContext context)
            admission = await sessions.AdmitAsync(context.Header, ct);
        return admission is Admission.Refused refused ? throw Unauthorized(refused) : admission;
    }

    /// <summary>Who calls, once the body is there that he may have signed.</summary>
    /// <exception cref="RequestRefusedException">He did not sign this body.</exception>
    public Caller CallerOf(Admission admission, ReadOnlySpan<byte> body) =>
        (admission is Admission.Signed signed ? gate.Examine(signed.Signature, body) : admission) switch
        {
            Admission.Admitted admitted => CallerGate.WithBody(admitted.Caller, body),
            Admission.Refused refused => throw Unauthorized(refused),
            _ => throw new InvalidOperationException("A body proves who signed it, or does not."),
        };

    private static RequestRefusedException Unauthorized(Admission.Refused refused) =>
        new(StatusCodes.Status401Unauthorized, "unauthorized", refused.Why);
}
