using System.Security.Cryptography.X509Certificates;
using SalesforceBridge.Configuration;
using SalesforceBridge.Http.OutboundMessages;
using SalesforceBridge.Messaging;
using SalesforceBridge.Routes;

namespace SalesforceBridge.Health;

/// <summary>Says who may call the bridge and where an org has to send its outbound messages, or why nobody can.</summary>
internal sealed class CallerExamination(BridgeSettings settings, RouteSet routes)
{
    private const string Cure = "Set a secret, like: openssl rand -hex 32";

    private const string Loop = "do not say who caused them, and nobody can ask the org whether it sends them for what routes write: that may come back without end";

    private const string NoLoop = "Switch 'Send Outbound Messages' off for the integration user, in its profile.";

    private CalloutSettings Callouts => settings.Callouts;

    public IEnumerable<Finding> Examine() => [.. ExamineCallouts(), .. ExamineOutboundMessages()];

    private IEnumerable<Finding> ExamineCallouts()
    {
        const string Part = "callouts";
        string[] ways =
        [
            .. Callouts.Secrets.Select(secret => secret.Name).Distinct().Select(name => $"secret {name}"),
            .. Callouts.Certificates.Select(certificate => $"certificate {certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)}"),
        ];
        if (ways.Length > 0)
        {
            string from = Callouts.TrustedRanges.Count == 0 ? "any address" : string.Join(", ", Callouts.TrustedRanges);
            yield return Finding.Ok(Part, $"are taken from {from} with {string.Join(", ", ways)}");
        }
        else if (IsListenedTo(SourceKind.Callout))
        {
            yield return Finding.Fail(Part, $"are refused, since neither {ConfigVar.CalloutSecrets} nor {ConfigVar.CalloutCertificates} is set", Cure);
        }
    }

    private IEnumerable<Finding> ExamineOutboundMessages()
    {
        const string Part = "outbound messages";
        if (Callouts.Secrets.Count > 0)
        {
            return
            [
                .. Callouts.Secrets.Select(secret => Finding.Ok(Part, $"an org sends them to {AddressOf(secret.Value)} (secret {secret.Name})")),
                .. IsListenedTo(SourceKind.OutboundMessage) && WritesRecords() ? [Finding.Warn(Part, Loop, NoLoop)] : Array.Empty<Finding>(),
            ];
        }

        return IsListenedTo(SourceKind.OutboundMessage)
            ? [Finding.Fail(Part, $"are refused, since {ConfigVar.CalloutSecrets} is not set", Cure)]
            : [];
    }

    private bool IsListenedTo(SourceKind kind) => routes.Routes.Any(route => route.Definition.Source.Kind == kind);

    // What a handler or an action in the org does only its author knows; the bridge's own route publishes.
    private bool WritesRecords() => routes.Routes.Any(route => route is { Definition.Enabled: true, Handler: not PublishRoute }
        && (route.Handler is not null || route.Definition.Action is RouteAction.Deliver { Verb: not (DeliveryVerb.Publish or DeliveryVerb.Request) }));

    private string AddressOf(Secret secret) =>
        $"https://{settings.Dyno.Domain ?? "YOUR-APP"}{OutboundMessageEndpoint.Path}{OutboundMessageTokens.Of(secret)}";
}
