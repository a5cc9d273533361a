using System.Xml.Linq;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Deliveries;

public sealed class OutboundMessageTests
{
    private const string WonRule = """
        outboundMessages:
          - { name: Rule, object: Opportunity, when: StageName = 'Closed Won', changed: [StageName], fields: [Name, StageName] }
        """;

    private static readonly XNamespace Outbound = "http://soap.sforce.com/2005/09/outbound";
    private static readonly XNamespace Sf = "urn:sobject.enterprise.soap.sforce.com";

    [Fact]
    public async Task Only_a_change_that_the_rule_is_about_is_notified()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Ack);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, WonRule);

        string slow = org.Create("Opportunity", new { Name = "Slow", StageName = "Prospecting", CloseDate = "2026-04-03" });
        org.Update("Opportunity", slow, new { StageName = "Closed Won" });
        org.Update("Opportunity", slow, new { Amount = 5 });
        org.Update("Opportunity", slow, new { StageName = "Closed Lost" });
        org.Delete("Opportunity", slow);
        string quick = org.Win();
        org.Delete("Opportunity", quick);
        string last = org.Win();

        await org.WhenAsync(deliveries => deliveries.Sum(delivery => delivery.Keys.Count) >= 3);
        org.Ledger.Deliveries.SelectMany(delivery => delivery.RecordIds).ShouldBe([slow, quick, last]);
    }

    [Fact]
    public async Task A_rule_may_ask_what_the_record_was()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Ack);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, """
            outboundMessages:
              - { name: Rule, object: Opportunity, when: StageName like 'Closed%', was: Probability > 50, fields: [Name] }
            """);

        org.Win();
        string likely = org.Create("Opportunity", new { Name = "Likely", StageName = "Prospecting", CloseDate = "2026-04-03", Probability = 60 });
        string unlikely = org.Create("Opportunity", new { Name = "Unlikely", StageName = "Prospecting", CloseDate = "2026-04-03", Probability = 40 });
        org.Update("Opportunity", unlikely, new { StageName = "Closed Won", Probability = 100 });
        org.Update("Opportunity", likely, new { StageName = "Closed Lost", Probability = 0 });

        (await org.WhenEndedAsync(1))[0].RecordIds.ShouldBe([likely]);
    }

    [Fact]
    public async Task A_message_carries_at_most_100_notifications()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Ack);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, WonRule);

        string[] ids = org.Change(transaction => Enumerable.Range(0, 250)
            .Select(number => transaction.Create("Opportunity", new { Name = $"{number}", StageName = "Closed Won", CloseDate = "2026-04-03" }))
            .ToArray());

        IReadOnlyList<SentDelivery> deliveries = await org.WhenEndedAsync(3);
        receiver.Requests.Select(request => Notifications(request).Length).ShouldBe([100, 100, 50]);
        receiver.Requests.SelectMany(Notifications).Select(RecordId).ShouldBe(ids);
        deliveries.SelectMany(delivery => delivery.Keys).ShouldBeUnique();
    }

    [Fact]
    public async Task What_comes_while_a_message_is_under_way_goes_together_in_the_next()
    {
        var answer = new TaskCompletionSource<Reply>();
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Ack);
        receiver.Next(_ => answer.Task);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, WonRule);

        org.Win("first");
        await org.WhenAsync(deliveries => deliveries.Count == 1);
        string[] ids = [org.Win(), org.Win(), org.Win()];
        answer.SetResult(Reply.Ack);

        (await org.WhenEndedAsync(2))[1].RecordIds.ShouldBe(ids);
    }

    [Theory]
    [InlineData("nack", 200, "The answer is Ack false")]
    [InlineData("fault", 500, "(500) Wrong organization")]
    [InlineData("fault with 200", 200, "(200) Wrong organization")]
    [InlineData("unavailable", 503, "(503) The answer is no acknowledgement")]
    [InlineData("accepted", 202, "(202) The answer is no acknowledgement")]
    [InlineData("wrong element", 200, "The answer is no notificationsResponse")]
    [InlineData("empty", 200, "The answer is no notificationsResponse")]
    [InlineData("redirect", 301, "(301) The answer is no acknowledgement")]
    [InlineData("silence", null, "No answer came within 0.2 s")]
    [InlineData("cut", null, null)]
    public async Task Anything_but_an_acknowledgement_is_tried_again(string kind, int? status, string? error)
    {
        const string fault = "<s:Fault><faultcode>s:Client</faultcode><faultstring>Wrong organization</faultstring></s:Fault>";
        Reply reply = kind switch
        {
            "nack" => Reply.Nack,
            "fault" => Reply.Soap(fault, 500),
            "fault with 200" => Reply.Soap(fault),
            "unavailable" => new Reply(503, "Come back later"),
            "accepted" => Reply.Ack with { Status = 202 },
            "wrong element" => Reply.Soap("""<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notifications>"""),
            "empty" => new Reply(200, ""),
            "redirect" => new Reply(301, ""),
            "silence" => Reply.Silence,
            _ => Reply.Cut,
        };
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Ack, reply);
        var patience = TimeSpan.FromSeconds(kind == "silence" ? 0.2 : 10);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, WonRule, new SimulatorOptions { RetrySpeed = 1_000, OutboundMessageTimeout = patience });

        org.Win();

        SentDelivery delivery = (await org.WhenEndedAsync(1))[0];
        delivery.Status.ShouldBe(DeliveryStatus.Delivered);
        delivery.Attempts[0].Status.ShouldBe(status);
        delivery.Attempts[0].Error.ShouldBe(error ?? delivery.Attempts[0].Error);
        delivery.Attempts[0].Error.ShouldNotBeNullOrEmpty();
        (delivery.Attempts[^1].Status, delivery.LastError).ShouldBe((200, null));
        receiver.Requests[1].Text.ShouldBe(receiver.Requests[0].Text);
    }

    [Theory]
    [InlineData("text/xml; charset=martian", "")]
    [InlineData("text/xml; charset=utf-8", "\ufeff")]
    public async Task An_acknowledgement_counts_however_it_is_labelled(string contentType, string mark)
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Ack with { ContentType = contentType, Body = mark + Reply.Ack.Body });
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, WonRule);

        org.Win();

        (await org.WhenEndedAsync(1))[0].Attempts.Single().Error.ShouldBeNull();
    }

    [Fact]
    public async Task A_message_that_waits_shows_its_last_error_and_when_it_goes_again()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Nack);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, WonRule, new SimulatorOptions());

        org.Win();

        await org.WhenAsync(deliveries => deliveries.Any(delivery => delivery.NextAttemptAt is not null));
        SentDelivery delivery = org.Ledger.Deliveries[0];
        (delivery.Status, delivery.LastError).ShouldBe((DeliveryStatus.Pending, "The answer is Ack false"));
        (delivery.NextAttemptAt!.Value - delivery.Attempts[0].At).ShouldBeInRange(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));
        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = org.Url };
        (await client.GetStringAsync("/_admin/deliveries", OrgDriver.Ct)).ShouldContain("\"lastError\":\"The answer is Ack false\"");
        (await client.GetStringAsync("/_admin/state", OrgDriver.Ct)).ShouldContain("\"deliveries\":{\"pending\":1}");
    }

    [Fact]
    public async Task A_message_is_given_up_in_the_end()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Nack);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, WonRule, new SimulatorOptions { RetrySpeed = 10_000_000 });

        org.Win();

        SentDelivery delivery = (await org.WhenEndedAsync(1))[0];
        (delivery.Status, delivery.LastError).ShouldBe((DeliveryStatus.Failed, "The answer is Ack false"));
        delivery.Attempts.Count.ShouldBe(19);
        receiver.Requests.SelectMany(Notifications).Select(notification => notification.Element(Outbound + "Id")!.Value).Distinct().ShouldBe(delivery.Keys);
    }

    [Fact]
    public async Task A_retry_tells_what_the_record_holds_by_then()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Ack);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, WonRule);
        receiver.Next(received =>
        {
            org.Update("Opportunity", RecordId(Notifications(received)[0]), new { Name = "Renamed" });
            return Task.FromResult(Reply.Nack);
        });

        org.Win("Named");

        await org.WhenEndedAsync(1);
        receiver.Requests.Select(request => Notifications(request)[0].Descendants(Sf + "Name").Single().Value).ShouldBe(["Named", "Renamed"]);
    }

    [Fact]
    public async Task A_failed_message_holds_up_no_later_one()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Ack, Reply.Nack);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, WonRule, new SimulatorOptions());

        org.Win("first");
        await org.WhenAsync(deliveries => deliveries.Any(delivery => delivery.Attempts.Count == 1));
        org.Win("second");

        (await org.WhenEndedAsync(1)).Select(delivery => delivery.Status).ShouldBe([DeliveryStatus.Pending, DeliveryStatus.Delivered]);
    }

    [Fact]
    public async Task A_message_goes_out_twice_at_a_time_on_demand()
    {
        var both = new TaskCompletionSource<Reply>();
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Ack);
        receiver.Next(_ => both.Task);
        receiver.Next(_ =>
        {
            both.SetResult(Reply.Ack);
            return Task.FromResult(Reply.Nack);
        });
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, WonRule);
        org.Faults.Add(new Fault.DuplicateDelivery { Times = 1, Rule = "Rule" });

        org.Win();

        (await org.WhenEndedAsync(1))[0].Status.ShouldBe(DeliveryStatus.Delivered);
        receiver.Requests.Count.ShouldBe(2);
        receiver.Requests[1].Text.ShouldBe(receiver.Requests[0].Text);
        receiver.Requests[1].Connection.ShouldNotBe(receiver.Requests[0].Connection);
    }

    [Fact]
    public async Task A_message_whose_reply_is_lost_comes_again()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Ack);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, WonRule);
        org.Faults.Add(new Fault.LostReply { Times = 1 });
        org.Faults.Add(new Fault.LostReply { Times = 1, Rule = "Another" });

        org.Win();

        SentDelivery delivery = (await org.WhenEndedAsync(1))[0];
        delivery.Attempts.Select(attempt => attempt.Error).ShouldBe(["The answer was lost on its way", null]);
        receiver.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_younger_message_goes_first_on_demand()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Ack);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, WonRule);
        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = org.Url };
        using var fault = new StringContent("""{"fault":"reordered-delivery","times":1,"rule":"Rule"}""");
        (await client.PostAsync("/_admin/faults", fault, OrgDriver.Ct)).EnsureSuccessStatusCode();

        string older = org.Win("older");
        await org.WhenAsync(deliveries => deliveries.Count == 1);
        string younger = org.Win("younger");

        await org.WhenEndedAsync(2);
        receiver.Requests.SelectMany(Notifications).Select(RecordId).ShouldBe([younger, older]);
    }

    [Fact]
    public async Task A_rule_without_a_url_rests_until_it_is_given_one()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Ack);
        await using SimulatedOrg org = await SimulatedOrg.StartAsync(new SimulatorOptions { RulesYaml = WonRule }, OrgDriver.Ct);
        using var client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = org.Url };

        org.Win("unseen");
        int[] statuses = [await PutAsync(client, "Rule", "ftp://example.com"), await PutAsync(client, "Other", $"{receiver.Url}"), await PutAsync(client, "Rule", $"{receiver.Url}")];
        string seen = org.Win("seen");

        statuses.ShouldBe([400, 404, 204]);
        (await org.WhenEndedAsync(1))[0].RecordIds.ShouldBe([seen]);
        Should.Throw<InvalidOperationException>(() => org.PointRule("Other", receiver.Url)).Message.ShouldContain("'Other'");
        Should.Throw<InvalidOperationException>(() => org.PointRule("Rule", new Uri("/in", UriKind.Relative))).Message.ShouldContain("'/in'");
    }

    [Fact]
    public async Task A_message_reaches_a_receiver_that_was_away()
    {
        ReceiverDriver away = await ReceiverDriver.StartAsync(Reply.Ack);
        await away.DisposeAsync();
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Ack);
        await using SimulatedOrg org = await CallingOrg.StartAsync(away, WonRule, new SimulatorOptions { RetrySpeed = 1_000 });

        org.Win();
        await org.WhenAsync(deliveries => deliveries.Any(delivery => delivery.LastError is not null));
        org.PointRule("Rule", receiver.Url);

        SentDelivery delivery = (await org.WhenEndedAsync(1))[0];
        (delivery.Status, delivery.Attempts[0].Status).ShouldBe((DeliveryStatus.Delivered, null));
    }

    private static async Task<int> PutAsync(HttpClient client, string rule, string url)
    {
        using var body = new StringContent(url);
        using HttpResponseMessage response = await client.PutAsync($"/_admin/rules/{rule}/url", body, OrgDriver.Ct);
        return (int)response.StatusCode;
    }

    private static XElement[] Notifications(Received request) => [.. XDocument.Parse(request.Text).Descendants(Outbound + "Notification")];

    private static string RecordId(XElement notification) => notification.Descendants(Sf + "Id").Single().Value;
}
