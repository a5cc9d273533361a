using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Commands.Doctor;

/// <summary>What the doctor says of routes, and of those who call them.</summary>
public sealed class RouteFindingTests
{
    private const string Won = "-- on: outbound-message Opportunity\nselect 1 from message";
    private const string Loop = "warn  outbound messages: do not say who caused them, and nobody can ask the org whether it sends them for what routes write";

    [Fact]
    public async Task A_route_that_cannot_be_read_or_prepared_is_told()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("typo", "-- in: event Order_Placed__e\nselect 1").WithRoute("broken", "-- on: event Order_Placed__e\nselect nothing from message");

        CommandLine doctor = await CommandLine.RunAsync(bridge.Vars, "doctor");

        doctor.ExitCode.ShouldBe(1);
        doctor.Output.ShouldContain("fail  routes: typo.sql: line 1: `in:` is no header");
        doctor.Output.ShouldContain("fail  routes: broken: line 2: 42703: column \"nothing\" does not exist");
    }

    [Fact]
    public async Task A_route_whose_object_or_field_the_org_does_not_let_the_bridge_write_is_told()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("notes", "-- on: event Order_Placed__e\n-- do: update Order__c\nselect payload->>'Order_Id__c' as \"Id\", 'x' as \"Note__c\" from message")
            .WithRoute("numbers", "-- on: event Order_Placed__e\n-- do: update Order__c\nselect payload->>'Order_Id__c' as \"Id\", 'O-1' as \"Name\" from message")
            .WithRoute("odd", "-- on: event Order_Placed__e\n-- do: create Ordr__c\nselect 1 as \"Name\" from message")
            .Org.Faults.Add(new Fault.HiddenField("Order__c", "Note__c"));

        CommandLine doctor = await CommandLine.RunAsync(bridge.Vars, "doctor");

        doctor.ExitCode.ShouldBe(1);
        doctor.Output.ShouldContain("fail  routes: notes: Order__c has no field Note__c, or the integration user may not see it; correct the column's name or give access\n");
        doctor.Output.ShouldContain("fail  routes: numbers: Order__c.Name cannot be updated; leave it out or give access\n");
        doctor.Output.ShouldContain("fail  routes: odd: the org has no object Ordr__c, or the integration user may not see it; correct the name or give access\n");
    }

    [Fact]
    public async Task What_is_sent_as_the_caller_is_not_said_to_be_well()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("asks", "-- on: callout orders\n-- do: update Nothing__c\n-- as: caller\nselect payload->>'Id' as \"Id\" from message")
            .WithVar("BRIDGE_CALLOUT_SECRETS", "0123456789abcdef").WithVar("BRIDGE_ENCRYPTION_KEY", "0123456789abcdef");

        CommandLine doctor = (await CommandLine.RunAsync(bridge.Vars, "doctor")).ShouldSucceed();

        doctor.Output.ShouldContain("ok    routes: 2 prepare, and the org has their objects and fields and lets the bridge write them; what handlers and callers send is only known when they run (asks)\n");
    }

    [Fact]
    public async Task Who_may_call_is_told()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("orders", "-- on: callout orders\nselect 1 from message");

        CommandLine nobody = await CommandLine.RunAsync(bridge.Vars.With("BRIDGE_CALLOUT_SECRETS", ""), "doctor");
        ConfigVars vars = bridge.Vars.With("BRIDGE_CALLOUT_SECRETS", "mes=0123456789abcdef-a,mes=0123456789abcdef-b,erp=0123456789abcdef-c");
        CommandLine two = await CommandLine.RunAsync(vars, "doctor");
        CommandLine narrow = await CommandLine.RunAsync(vars.With("BRIDGE_TRUSTED_RANGES", "13.108.0.0/14,2620:10a::/32"), "doctor");

        nobody.ExitCode.ShouldBe(1);
        nobody.Output.ShouldContain("fail  callouts: are refused, since neither BRIDGE_CALLOUT_SECRETS nor BRIDGE_CALLOUT_CERTIFICATES is set. Set a secret, like: openssl rand -hex 32");
        two.Output.ShouldContain("ok    callouts: are taken from any address with secret mes, secret erp");
        two.Output.ShouldNotContain("0123456789abcdef");
        narrow.Output.ShouldContain("ok    callouts: are taken from 13.108.0.0/14, 2620:10a::/32 with secret mes, secret erp");
    }

    [Fact]
    public async Task Outbound_messages_may_come_back_where_routes_write_to_the_org()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("won", Won).WithVar("BRIDGE_CALLOUT_SECRETS", "0123456789abcdef");

        CommandLine reads = (await CommandLine.RunAsync(bridge.Vars, "doctor")).ShouldSucceed();
        bridge.WithRoute("books", "-- on: outbound-message Opportunity\n-- do: update Opportunity\nselect payload->>'Id' as \"Id\", 'x' as \"Description\" from message");
        CommandLine writes = (await CommandLine.RunAsync(bridge.Vars, "doctor")).ShouldSucceed();

        reads.Output.ShouldNotContain(Loop);
        writes.Output.ShouldContain($"{Loop}: that may come back without end. Switch 'Send Outbound Messages' off for the integration user, in its profile.\n");
    }
}
