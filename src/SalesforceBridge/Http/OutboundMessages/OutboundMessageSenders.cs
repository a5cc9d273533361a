using System.Net;
using SalesforceBridge.Configuration;
using SalesforceBridge.Health;
using SalesforceBridge.Http.Callers;
using SalesforceBridge.Salesforce.OutboundMessages;

namespace SalesforceBridge.Http.OutboundMessages;

/// <summary>Whose outbound messages are taken: from which addresses, and of which orgs.</summary>
internal sealed class OutboundMessageSenders(CallerGate gate, BridgeSettings settings, DatabaseProbe probe)
{
    private volatile string? _bound;

    /// <summary>The refusal of a sender by its address; null where it may send.</summary>
    public SoapReply? RefusalOf(IPAddress? address) => gate.IsTrusted(address)
        ? null
        : SoapReply.Refused(StatusCodes.Status403Forbidden, $"The sender's address is not in {ConfigVar.TrustedRanges}.");

    /// <summary>The refusal of a message by the org that it names; null where that one may send.</summary>
    public SoapReply? RefusalOf(OutboundMessageHeader header)
    {
        if (settings.OutboundMessageOrgs is { Count: > 0 } orgs && !orgs.Any(header.IsFrom))
            return SoapReply.Refused(StatusCodes.Status403Forbidden, $"{ConfigVar.OutboundMessageOrgs} does not name org {header.OrganizationId}.");
        if (probe.Vitals is { } vitals)
            _bound = vitals.Org;
        return _bound is { } bound && !header.IsFrom(bound)
            ? SoapReply.Refused(StatusCodes.Status403Forbidden, $"This database belongs to another org than {header.OrganizationId}; see `bridge org show`.")
            : null;
    }
}
