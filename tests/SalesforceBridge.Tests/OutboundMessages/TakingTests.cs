using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Configuration;
using SalesforceBridge.Http.OutboundMessages;
using SalesforceBridge.Messaging;
using SalesforceBridge.Testing.OutboundMessages;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.OutboundMessages;

/// <summary>What is acknowledged is in the inbox, once.</summary>
public sealed class TakingTests
{
    [Fact]
    public async Task A_notification_is_in_the_inbox_when_it_is_acknowledged()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        using var org = new Sender(web);

        (await org.SendAsync(SoapEnvelope.Simple)).ShouldTake();

        (await bridge.Database.ScalarAsync<string>("select concat_ws(' ', source, key, dedupe_key) from bridge.inbox"))
            .ShouldBe("outbound-message Opportunity 0067F000003pmdWQAQ 04l7F000008aeAyQAI");
        JsonElement payload = JsonElement.Parse(await bridge.Database.ScalarAsync<string>("select payload::text from bridge.inbox"));
        payload.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetString()).ShouldBe(new Dictionary<string, string?>
        {
            ["Id"] = "0067F000003pmdWQAQ",
            ["Amount"] = "120000.0",
            ["CloseDate"] = "2017-04-03",
            ["Name"] = "Express Logistics SLA",
            ["notificationId"] = "04l7F000008aeAyQAI",
            ["organizationId"] = SoapEnvelope.OrgId,
            ["actionId"] = "04k7F0000008V3hQAE",
        }, ignoreOrder: true);
    }

    [Fact]
    public async Task A_route_gets_each_notification_once_however_often_it_is_sent()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost all = await bridge.RunAsync(ProcessRole.All);
        using var org = new Sender(all);
        await bridge.UntilAsync("select exists (select from bridge.cursor where name = 'route opportunity-won on outbound-message Opportunity')");

        // The worker has bound the database to this org.
        string header = SoapEnvelope.HeaderOf(bridge.Org.OrgId);
        SoapEnvelope hundred = SoapEnvelope.OfMany(100) with { Header = header };
        (await org.SendAsync(SoapEnvelope.OfMany(3) with { Header = header })).ShouldTake();
        (await org.SendAsync(hundred)).ShouldTake();
        SoapAnswer[] again = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => org.SendAsync(hundred)));

        foreach (SoapAnswer answer in again)
            answer.ShouldTake();
        await bridge.UntilAsync("select count(*) = 100 and sum(amount) = 12000000 from won");
        (await org.SendAsync(new SoapEnvelope(SoapEnvelope.Opportunity("04lLast")) { Header = header })).ShouldTake();
        await bridge.UntilAsync("select exists (select from won where notification = '04lLast')");
        (await bridge.Database.ScalarAsync<long>("select count(*) from won")).ShouldBe(101);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(101);
    }

    [Fact]
    public async Task A_message_that_repeats_a_notification_within_itself_is_taken_once()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        using var org = new Sender(web);

        (await org.SendAsync(new SoapEnvelope(SoapEnvelope.Opportunity("04l1"), SoapEnvelope.Opportunity("04l1"), SoapEnvelope.Opportunity("04l2")))).ShouldTake();

        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(2);
    }

    [Fact]
    public async Task An_object_that_no_route_listens_to_is_stored_with_one_warning()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        using var org = new Sender(web);

        (await org.SendAsync(new SoapEnvelope(SoapEnvelope.Notification("04l1", "sf:Lead", "<sf:Id>00Q1</sf:Id>")))).ShouldTake();
        (await org.SendAsync(new SoapEnvelope(SoapEnvelope.Notification("04l2", "sf:Lead", "<sf:Id>00Q1</sf:Id>")))).ShouldTake();
        (await org.SendAsync(SoapEnvelope.Simple)).ShouldTake();

        (await bridge.Database.ColumnAsync<string>("select source from bridge.inbox order by source"))
            .ShouldBe(["outbound-message Lead", "outbound-message Lead", "outbound-message Opportunity"]);
        web.Lines.Count(line => line.Contains("No route listens")).ShouldBe(1);
        (await web.LogLineAsync("No route listens")).ShouldContain("outbound-message Lead");
    }

    [Fact]
    public async Task A_disabled_route_listens_all_the_same()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        bridge.WithRoute("opportunity-won", "-- on: outbound-message Opportunity\n-- enabled: no\nselect 1 from message");
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        using var org = new Sender(web);

        (await org.SendAsync(SoapEnvelope.Simple)).ShouldTake();

        web.Lines.ShouldNotContain(line => line.Contains("No route listens"));
    }

    [Fact]
    public async Task A_value_that_jsonb_refuses_is_kept_as_it_came_beside_the_others()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        using var org = new Sender(web);

        (await org.SendAsync(new SoapEnvelope(
            SoapEnvelope.Opportunity("04l1", """<sf:Amount xsi:type="xsd:double">1e400000</sf:Amount>"""), SoapEnvelope.Opportunity("04l2")))).ShouldTake();

        (await bridge.Database.ColumnAsync<string>("select concat_ws(' ', dedupe_key, payload is null, fault is null) from bridge.inbox order by id"))
            .ShouldBe(["04l1 t f", "04l2 f t"]);
    }

    [Fact]
    public async Task Each_live_secret_has_an_address()
    {
        const string Newer = "outbound-canary-secret-2";
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.WithVar("BRIDGE_CALLOUT_SECRETS", $"then={Sender.Secret}\nnow={Newer}").RunAsync(ProcessRole.Web);
        using var before = new Sender(web);
        using var after = new Sender(web) { Token = OutboundMessageTokens.Of(new Secret(Newer)) };

        (await before.SendAsync(SoapEnvelope.Simple)).ShouldTake();
        (await after.SendAsync(SoapEnvelope.Simple)).ShouldTake();
    }

    [Theory]
    [InlineData("00D7F00000107Xs")]
    [InlineData("00D7F00000107XsUAI")]
    [InlineData("00D7F00000107XtUAI, 00D7F00000107XsUAI")]
    public async Task Only_orgs_on_the_list_are_heard(string orgs)
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.WithVar("BRIDGE_OUTBOUND_MESSAGE_ORGS", orgs).RunAsync(ProcessRole.Web);
        using var org = new Sender(web);

        (await org.SendAsync(SoapEnvelope.Simple)).ShouldTake();
        (await org.SendAsync(new SoapEnvelope(SoapEnvelope.Opportunity("04lX")) { Header = SoapEnvelope.HeaderOf("00D7F00000107xsUAI") }))
            .ShouldRefuse(403, "Client", "BRIDGE_OUTBOUND_MESSAGE_ORGS does not name org 00D7F00000107xsUAI");

        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(1);
    }

    [Fact]
    public async Task What_the_database_does_not_store_is_asked_for_again_and_then_taken()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web);
        using var org = new Sender(web);
        (await org.SendAsync(SoapEnvelope.OfMany(1))).ShouldTake();

        await bridge.Database.ExecuteAsync("alter table bridge.inbox rename to inbox_away");
        (await org.SendAsync(SoapEnvelope.OfMany(2))).ShouldNotTake();
        await bridge.Database.ExecuteAsync("alter table bridge.inbox_away rename to inbox");
        while ((await org.SendAsync(SoapEnvelope.OfMany(2))).Body.Contains("<Ack>false"))
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();

        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(2);
    }

    [Fact]
    public async Task Who_comes_while_too_much_waits_is_told_to_come_again()
    {
        await using Bridge bridge = await Sender.StartBridgeAsync();
        await using TestHost web = await bridge.RunAsync(ProcessRole.Web, services => services.AddSingleton(new IntakeLimits { WaitingRequests = 0 }));
        using var org = new Sender(web);

        SoapAnswer answer = await org.SendAsync(SoapEnvelope.Simple);

        answer.ShouldRefuse(503, "Server", "More is waiting to be stored than may wait");
        answer.RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
    }
}
