using SalesforceBridge.Configuration;
using SalesforceBridge.Http.OutboundMessages;
using SalesforceBridge.Messaging;
using SalesforceBridge.Routes;

namespace SalesforceBridge.Health;

/// <summary>Says where an org has to send its outbound messages, or why it cannot.</summary>
internal sealed class OutboundMessageExamination(BridgeSettings settings, RouteSet routes)
{
    private const string Part = "outbound messages";

    public IEnumerable<Finding> Examine()
    {
        if (settings.Callouts.Secrets.Count > 0)
            return settings.Callouts.Secrets.Select(secret => Finding.Ok(Part, $"an org sends them to {AddressOf(secret.Value)} (secret {secret.Name})"));
        return routes.Routes.Any(route => route.Definition.Source.Kind == SourceKind.OutboundMessage)
            ? [Finding.Fail(Part, $"are refused, since {ConfigVar.CalloutSecrets} is not set", "Set a secret, like: openssl rand -hex 32")]
            : [];
    }

    private string AddressOf(Secret secret) =>
        $"https://{settings.Dyno.Domain ?? "YOUR-APP"}{OutboundMessageEndpoint.Path}{OutboundMessageTokens.Of(secret)}";
}
