using SalesforceBridge.Configuration;
using SalesforceBridge.Http.OutboundMessages;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.OutboundMessages;

/// <summary>Where an org has to send, and how it is told to a person.</summary>
public sealed class AddressTests
{
    private const string First = "outbound-secret-one";
    private const string Second = "outbound-secret-two";

    [Fact]
    public void A_token_is_made_of_its_secret_and_does_not_show_it()
    {
        string token = OutboundMessageTokens.Of(new Secret(First));

        token.ShouldBe(OutboundMessageTokens.Of(new Secret(First)));
        token.ShouldNotBe(OutboundMessageTokens.Of(new Secret(Second)));
        token.ShouldMatch("^[A-Za-z0-9_-]{43}$");
    }

    [Fact]
    public void Only_tokens_of_live_secrets_are_accepted()
    {
        var tokens = new OutboundMessageTokens([new Secret(First), new Secret(Second)]);
        string first = OutboundMessageTokens.Of(new Secret(First));

        tokens.Accept(first).ShouldBeTrue();
        tokens.Accept(OutboundMessageTokens.Of(new Secret(Second))).ShouldBeTrue();
        tokens.Accept(OutboundMessageTokens.Of(new Secret(First + "x"))).ShouldBeFalse();
        tokens.Accept(first[..^1]).ShouldBeFalse();
        tokens.Accept(first + first).ShouldBeFalse();
        tokens.Accept("").ShouldBeFalse();
        new OutboundMessageTokens([]).Accept("").ShouldBeFalse();
    }

    [Fact]
    public async Task The_doctor_prints_the_address_of_each_secret()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        ConfigVars vars = bridge.Vars.With("BRIDGE_CALLOUT_SECRETS", $"org={First}\n{Second}");

        string unknown = (await CommandLine.RunAsync(vars, "doctor")).ShouldSucceed().Output;
        string known = (await CommandLine.RunAsync(vars.With("HEROKU_APP_DEFAULT_DOMAIN_NAME", "orders-0123.herokuapp.com"), "doctor")).ShouldSucceed().Output;

        unknown.ShouldContain($"ok    outbound messages: an org sends them to https://YOUR-APP/outbound-messages/{OutboundMessageTokens.Of(new Secret(First))} (secret org)");
        known.ShouldContain($"ok    outbound messages: an org sends them to https://orders-0123.herokuapp.com/outbound-messages/{OutboundMessageTokens.Of(new Secret(First))} (secret org)\n");
        known.ShouldContain($"/outbound-messages/{OutboundMessageTokens.Of(new Secret(Second))} (secret default)\n");
        known.ShouldNotContain(First);
    }

    [Fact]
    public async Task The_doctor_misses_a_secret_where_a_route_listens()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();

        CommandLine doctor = await CommandLine.RunAsync(bridge.Vars.With("BRIDGE_CALLOUT_SECRETS", ""), "doctor");

        doctor.ExitCode.ShouldBe(1);
        doctor.Output.ShouldContain("fail  outbound messages: are refused, since BRIDGE_CALLOUT_SECRETS is not set. Set a secret, like: openssl rand -hex 32");
    }

    [Fact]
    public async Task A_route_on_an_object_that_no_org_would_name_so_is_told()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("right", "-- on: outbound-message Account\nselect 1 from message")
            .WithRoute("small", "-- on: outbound-message account\nselect 1 from message")
            .WithRoute("unknown", "-- on: outbound-message Acount\nselect 1 from message");

        CommandLine check = await CommandLine.RunAsync(bridge.Vars, "routes", "check");

        check.Output.ShouldContain("ok    right: on outbound-message Account");
        check.Output.ShouldContain("fail  small: `on: outbound-message account` never wakes: the org spells the object Account");
        check.Output.ShouldContain("fail  unknown: the org has no object Acount");
    }

    [Fact]
    public void The_orgs_and_the_length_are_settings()
    {
        BridgeSettings byDefault = ConfigVars.Complete.Read();
        BridgeSettings settings = ConfigVars.Complete
            .With("BRIDGE_OUTBOUND_MESSAGE_ORGS", "00D7F00000107Xs,\n 00D7F00000107XtUAI").With("BRIDGE_LARGEST_OUTBOUND_MESSAGE", "2MB").Read();
        string refusal = ConfigVars.Complete
            .With("BRIDGE_OUTBOUND_MESSAGE_ORGS", "00D7F00000107Xs,001").With("BRIDGE_LARGEST_OUTBOUND_MESSAGE", "65MB").Refusal();

        byDefault.OutboundMessageOrgs.ShouldBeEmpty();
        byDefault.LargestOutboundMessage.ShouldBe(8 << 20);
        settings.OutboundMessageOrgs.ShouldBe(["00D7F00000107Xs", "00D7F00000107XtUAI"]);
        settings.LargestOutboundMessage.ShouldBe(2 << 20);
        refusal.ShouldContain("BRIDGE_OUTBOUND_MESSAGE_ORGS is '00D7F00000107Xs,001', not a list of org ids. Set the 15 or 18 characters");
        refusal.ShouldContain("BRIDGE_LARGEST_OUTBOUND_MESSAGE is '65MB', not a size from 1MB to 64MB. Set a number with MB");
    }
}
