using System.Security.Cryptography;
using SalesforceBridge.Configuration;
using SalesforceBridge.Http.OutboundMessages;
using SalesforceBridge.Simulator;

namespace SalesforceBridge.Sandbox;

/// <summary>What the org's administrator has set up so that it calls the bridge by itself, and the secret that both know.</summary>
internal sealed class OrgRules
{
    /// <summary>The Apex trigger that calls out with new and changed contacts.</summary>
    public const string ContactTrigger = "Contact_Callout";

    /// <summary>The outbound message about won opportunities.</summary>
    public const string WonDeal = "Opportunity_Won";

    private const string Caller = "apex";

    private readonly Secret _secret = new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));

    /// <summary>For the org.</summary>
    public string Yaml => $$"""
        apexTriggers:
          - name: {{ContactTrigger}}
            object: Contact
            on: [insert, update]
            headers: { X-Api-Key: {{_secret.Reveal()}} }
        outboundMessages:
          - name: {{WonDeal}}
            object: Opportunity
            when: StageName = 'Closed Won'
            fields: [Name, Amount, StageName, Description]
        """;

    /// <summary>For the bridge: <c>BRIDGE_CALLOUT_SECRETS</c>.</summary>
    public string CalloutSecrets => $"{Caller}={_secret.Reveal()}";

    /// <summary>By what the inbox knows a record that Apex called out with.</summary>
    /// <param name="idempotencyKey">The callout's.</param>
    /// <param name="index">The record's place in it.</param>
    public static string DedupeKeyOf(string idempotencyKey, int index) => $"{Caller}/{idempotencyKey}#{index}";

    /// <summary>Tells the org where the bridge is.</summary>
    public void Point(SimulatedOrg org, Uri bridge)
    {
        org.PointRule(ContactTrigger, new Uri(bridge, "callouts/contact"));
        org.PointRule(WonDeal, new Uri(bridge, OutboundMessageEndpoint.Path + OutboundMessageTokens.Of(_secret)));
    }
}
