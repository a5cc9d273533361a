using System.IO.Compression;
using System.Text.Json;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Deliveries;

public sealed class ApexCalloutTests
{
    private const string ContactTrigger = """
        apexTriggers:
          - { name: Rule, object: Contact, on: [insert, update, delete], headers: { X-Api-Key: secret } }
        """;

    private const string GeneratedTrigger = """
        apexTriggers:
          - { name: Rule, object: Contact, on: [insert, update, delete], form: webhook-creator }
        """;

    [Fact]
    public async Task A_trigger_tells_the_records_as_they_are_and_as_they_were()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Accepted);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, ContactTrigger);

        string id = org.Create("Contact", new { LastName = "Ode", Birthdate = "1990-02-03" });
        org.Update("Contact", id, new { LastName = "Poe" });
        org.Delete("Contact", id);

        await org.WhenEndedAsync(3);
        JsonElement[] bodies = [.. receiver.Requests.Select(request => request.Json)];
        bodies.Select(Counts).ShouldBe([(1, 0), (1, 1), (0, 1)]);
        bodies.ShouldAllBe(body => body.GetProperty("userId").GetString() == "005SM0000000001YAA");
        JsonElement created = bodies[0].GetProperty("new")[0];
        created.EnumerateObject().Select(property => property.Name).Take(2).ShouldBe(["attributes", "Id"]);
        created.GetProperty("attributes").GetRawText().ShouldBe($$"""{"type":"Contact","url":"/services/data/v62.0/sobjects/Contact/{{id}}"}""");
        created.GetProperty("LastModifiedDate").GetString()!.ShouldEndWith("+0000");
        created.TryGetProperty("FirstName", out _).ShouldBeFalse();
        LastName(bodies[1], "new").ShouldBe("Poe");
        LastName(bodies[1], "old").ShouldBe("Ode");
        LastName(bodies[2], "old").ShouldBe("Poe");
    }

    [Fact]
    public async Task A_callout_carries_its_headers_and_a_key_of_its_own()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Accepted);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, ContactTrigger);

        org.Create("Contact", new { LastName = "Ode" });
        org.Create("Contact", new { LastName = "Poe" });

        IReadOnlyList<SentDelivery> deliveries = await org.WhenEndedAsync(2);
        receiver.Requests.Select(request => request.Header("Idempotency-Key")).ShouldBe(deliveries.SelectMany(delivery => delivery.Keys));
        receiver.Requests.ShouldBeUnique();
        receiver.Requests.ShouldAllBe(request => request.Header("X-Api-Key") == "secret" && request.Header("Content-Type") == "application/json");
    }

    [Fact]
    public async Task The_generated_code_glues_its_text_together()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Accepted);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, GeneratedTrigger);

        string id = org.Create("Contact", new { LastName = "Ode" });

        await org.WhenEndedAsync(1);
        Received request = receiver.Requests[0];
        request.Text.ShouldStartWith($$"""{"new": [{"attributes":{"type":"Contact","url":"/services/data/v62.0/sobjects/Contact/{{id}}"},"Id":"{{id}}",""");
        request.Text.ShouldEndWith("""}], "old": [], "userId": "005SM0000000001YAA"}""");
        request.Header("Idempotency-Key").ShouldBeNull();
    }

    [Fact]
    public async Task The_generated_code_does_not_try_again()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(new Reply(503, "away"));
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, GeneratedTrigger);

        org.Create("Contact", new { LastName = "Ode" });

        SentDelivery delivery = (await org.WhenEndedAsync(1))[0];
        (delivery.Status, delivery.Attempts.Count, delivery.LastError).ShouldBe((DeliveryStatus.Failed, 1, "(503) away"));
    }

    [Fact]
    public async Task Records_that_come_in_one_call_go_in_one_callout()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Accepted);
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions { RulesYaml = ContactTrigger });
        driver.Org.PointRule("Rule", receiver.Url);
        object[] records = [.. Enumerable.Range(0, 200).Select(number => new { attributes = new { type = "Contact" }, LastName = $"{number}" })];

        Answer answer = await driver.PostAsync("composite/sobjects", new { records });

        await driver.Org.WhenEndedAsync(1);
        string[] told = [.. receiver.Requests.Single().Json.GetProperty("new").EnumerateArray().Select(record => record.GetProperty("Id").GetString()!)];
        told.ShouldBe(answer.Json.EnumerateArray().Select(result => result.GetProperty("id").GetString()!));
        receiver.Requests[0].Json.GetProperty("userId").GetString().ShouldBe("005SM0000000002YAA");
    }

    [Fact]
    public async Task A_trigger_runs_for_each_operation_and_200_records_at_a_time()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Accepted);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, ContactTrigger);
        string known = org.Create("Contact", new { LastName = "Known" });

        org.Change(transaction =>
        {
            for (int number = 0; number < 201; number++)
                transaction.Create("Contact", new { LastName = $"{number}" });
            transaction.Update("Contact", known, new { LastName = "Changed" });
            return true;
        });

        await org.WhenEndedAsync(4);
        receiver.Requests.Select(request => Counts(request.Json)).ShouldBe([(1, 0), (200, 0), (1, 0), (1, 1)]);
    }

    [Fact]
    public async Task Only_the_operations_and_records_that_a_trigger_is_about_call_out()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Accepted);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, """
            apexTriggers:
              - { name: Rule, object: Contact, on: [update, delete], when: LastName != 'Secret', changed: [Phone] }
            """);

        string id = org.Create("Contact", new { LastName = "Ode" });
        string secret = org.Create("Contact", new { LastName = "Secret" });
        org.Update("Contact", id, new { FirstName = "Ann" });
        org.Update("Contact", secret, new { Phone = "1" });
        org.Delete("Contact", secret);
        org.Update("Contact", id, new { Phone = "1" });
        org.Delete("Contact", id);

        await org.WhenEndedAsync(2);
        receiver.Requests.Select(request => Counts(request.Json)).ShouldBe([(1, 1), (0, 1)]);
    }

    [Fact]
    public async Task A_change_that_was_undone_calls_nobody()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Accepted);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, ContactTrigger);

        Should.Throw<InvalidOperationException>(() => org.Change(transaction => transaction.Create("Contact", new { LastName = "Gone" }) + transaction.Create("Contact", new { })));
        string kept = org.Create("Contact", new { LastName = "Kept" });

        (await org.WhenEndedAsync(1))[0].RecordIds.ShouldBe([kept]);
    }

    [Fact]
    public async Task Who_is_called_finds_the_record_and_the_org_does_not_wait_for_the_answer()
    {
        var looked = new TaskCompletionSource<JsonElement?>();
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Accepted);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, ContactTrigger);
        receiver.Next(received =>
        {
            looked.SetResult(org.Read("Contact", received.Json.GetProperty("new")[0].GetProperty("Id").GetString()!));
            return Task.FromResult(Reply.Silence);
        });

        org.Create("Contact", new { LastName = "Ode" });

        (await looked.Task.WaitAsync(TimeSpan.FromSeconds(10), OrgDriver.Ct))!.Value.GetProperty("LastName").GetString().ShouldBe("Ode");
        org.Ledger.Deliveries[0].Status.ShouldBe(DeliveryStatus.Pending);
    }

    [Fact]
    public async Task A_queueable_tries_three_times_more_with_the_same_key_and_body()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Accepted);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, """
            apexTriggers:
              - { name: Rule, object: Contact, on: [insert] }
            """);
        receiver.Next(received =>
        {
            org.Update("Contact", received.Json.GetProperty("new")[0].GetProperty("Id").GetString()!, new { LastName = "Later" });
            return Task.FromResult(new Reply(429, "slow down"));
        });
        receiver.Next(_ => Task.FromResult(new Reply(408, "too slow")));
        receiver.Next(_ => Task.FromResult(Reply.Cut));

        org.Create("Contact", new { LastName = "Ode" });

        SentDelivery delivery = (await org.WhenEndedAsync(1))[0];
        delivery.Status.ShouldBe(DeliveryStatus.Delivered);
        delivery.Attempts.Select(attempt => attempt.Status).ShouldBe([429, 408, null, 202]);
        delivery.Attempts[0].Error.ShouldBe("(429) slow down");
        receiver.Requests.Count.ShouldBe(4);
        receiver.Requests.Select(request => (request.Text, request.Header("Idempotency-Key"))).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_callout_that_nobody_answers_is_tried_again()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Silence);
        await using SimulatedOrg org = await CallingOrg.StartAsync(
            receiver, ContactTrigger, new SimulatorOptions { RetrySpeed = 100_000, CalloutTimeout = TimeSpan.FromMilliseconds(100) });

        org.Create("Contact", new { LastName = "Ode" });

        (await org.WhenEndedAsync(1))[0].Attempts.Select(attempt => attempt.Error).ShouldBe(Enumerable.Repeat("No answer came within 0.1 s", 4));
    }

    [Fact]
    public async Task A_queueable_gives_up_after_the_third_retry()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(new Reply(500, new string('x', 1000)));
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, ContactTrigger);

        org.Create("Contact", new { LastName = "Ode" });

        SentDelivery delivery = (await org.WhenEndedAsync(1))[0];
        (delivery.Status, delivery.Attempts.Count).ShouldBe((DeliveryStatus.Failed, 4));
        delivery.LastError.ShouldBe("(500) " + new string('x', 500));
    }

    [Fact]
    public async Task A_refused_callout_is_not_tried_again()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(new Reply(422, "another body"));
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, ContactTrigger);

        org.Create("Contact", new { LastName = "Ode" });

        SentDelivery delivery = (await org.WhenEndedAsync(1))[0];
        (delivery.Status, delivery.Attempts.Count, delivery.LastError).ShouldBe((DeliveryStatus.Failed, 1, "(422) another body"));
    }

    [Fact]
    public async Task A_callout_whose_reply_is_lost_comes_again_with_its_key()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Accepted);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, ContactTrigger);
        org.Faults.Add(new Fault.LostReply { Times = 1, Rule = "Rule" });

        org.Create("Contact", new { LastName = "Ode" });

        SentDelivery delivery = (await org.WhenEndedAsync(1))[0];
        receiver.Requests.Select(request => request.Header("Idempotency-Key")).ShouldBe([delivery.Keys[0], delivery.Keys[0]]);
    }

    [Fact]
    public async Task A_body_may_be_compressed()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Accepted);
        await using SimulatedOrg org = await CallingOrg.StartAsync(receiver, """
            apexTriggers:
              - { name: Rule, object: Contact, on: [insert], gzip: true }
            """);

        org.Create("Contact", new { LastName = "Ode" });

        await org.WhenEndedAsync(1);
        receiver.Requests[0].Header("Content-Encoding").ShouldBe("gzip");
        await using var plain = new GZipStream(new MemoryStream(receiver.Requests[0].Body), CompressionMode.Decompress);
        LastName(await JsonSerializer.DeserializeAsync<JsonElement>(plain, cancellationToken: OrgDriver.Ct), "new").ShouldBe("Ode");
    }

    private static (int New, int Old) Counts(JsonElement body) => (body.GetProperty("new").GetArrayLength(), body.GetProperty("old").GetArrayLength());

    private static string? LastName(JsonElement body, string list) => body.GetProperty(list)[0].GetProperty("LastName").GetString();
}
