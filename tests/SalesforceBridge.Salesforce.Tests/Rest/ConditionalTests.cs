using System.Text.Json;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class ConditionalTests
{
    private static readonly RecordJson Renamed = new Dictionary<string, object?> { ["LastName"] = "new", };
    private static readonly DateTimeOffset LongAgo = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Successes that an update is not answered with.</summary>
    public static TheoryData<Answer> NoAnswers => [Answer.Html(200), new Answer(200), Answer.Ok("[1]"), new Answer(304)];

    [Fact]
    public async Task A_record_that_is_as_it_was_known_is_not_told_again()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        string id = client.Org.Create("Account", new { Name = "x" });

        RecordVersion version = (await ReadAsync(client, "Account", id, null)).ShouldBeOfType<ConditionalRead<JsonElement>.Changed>().Version;
        ConditionalRead<JsonElement> again = await ReadAsync(client, "Account", id, version);
        client.Org.Update("Account", id, new { Name = "y" });
        ConditionalRead<JsonElement> changed = await ReadAsync(client, "Account", id, version);

        version.ETag.ShouldNotBeNull();
        again.ShouldBeOfType<ConditionalRead<JsonElement>.Unchanged>();
        changed.ShouldBeOfType<ConditionalRead<JsonElement>.Changed>().Record.GetProperty("Name").GetString().ShouldBe("y");
    }

    [Fact]
    public async Task A_record_without_a_tag_is_known_by_its_time()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        string id = client.Org.Create("Contact", new { LastName = "x" });

        ConditionalRead<JsonElement> later = await ReadAsync(client, "Contact", id, new RecordVersion(DateTimeOffset.MaxValue.AddDays(-1)));
        ConditionalRead<JsonElement> earlier = await ReadAsync(client, "Contact", id, new RecordVersion(LongAgo));

        later.ShouldBeOfType<ConditionalRead<JsonElement>.Unchanged>();
        earlier.ShouldBeOfType<ConditionalRead<JsonElement>.Changed>().Version.ETag.ShouldBeNull();
    }

    [Theory]
    [InlineData("Fri, 02 Jan 2026 03:04:05 GMT", "Fri, 02 Jan 2026 03:04:04 GMT")]
    [InlineData("Fri, 02 Jan 2026 03:04:06 GMT", "Fri, 02 Jan 2026 03:04:05 GMT")]
    public async Task A_change_in_the_second_of_the_read_is_not_missed(string date, string condition)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET sobjects/Contact/003", Answer.Ok("{}").With("Last-Modified", "Fri, 02 Jan 2026 03:04:05 GMT").With("Date", date));
        using var client = new Client(org);

        var read = (ConditionalRead<JsonElement>.Changed)await client.Rest.GetObjectIfChangedAsync("Contact", "003", null, null, ApexJson.Default.JsonElement, Ct);
        await client.Rest.GetObjectIfChangedAsync("Contact", "003", null, read.Version, ApexJson.Default.JsonElement, Ct);

        org.Requests[1].Headers["If-Modified-Since"].ShouldBe(condition);
    }

    [Fact]
    public async Task A_tag_is_told_back_as_the_org_wrote_it()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET sobjects/Account/001", Answer.Ok("{}").With("ETag", "odd=-gzip, tag"), new Answer(304));
        using var client = new Client(org);

        var read = (ConditionalRead<JsonElement>.Changed)await client.Rest.GetObjectIfChangedAsync("Account", "001", null, null, ApexJson.Default.JsonElement, Ct);
        ConditionalRead<JsonElement> again = await client.Rest.GetObjectIfChangedAsync("Account", "001", null, read.Version, ApexJson.Default.JsonElement, Ct);

        again.ShouldBeOfType<ConditionalRead<JsonElement>.Unchanged>();
        org.Requests[1].Headers["If-None-Match"].ShouldBe("odd=-gzip, tag");
    }

    [Fact]
    public async Task A_record_that_changed_meanwhile_is_not_overwritten()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        string account = client.Org.Create("Account", new { Name = "x" });
        string contact = client.Org.Create("Contact", new { LastName = "x" });
        RecordVersion version = ((ConditionalRead<JsonElement>.Changed)await ReadAsync(client, "Account", account, null)).Version;

        await client.Rest.UpdateRecordAsync("Account", account, new Dictionary<string, object?> { ["Name"] = "mine" }, version, Ct);
        SalesforceException byTag = await Should.ThrowAsync<SalesforceException>(
            client.Rest.UpdateRecordAsync("Account", account, new Dictionary<string, object?> { ["Name"] = "late" }, version, Ct));
        SalesforceException byTime = await Should.ThrowAsync<SalesforceException>(
            client.Rest.UpdateRecordAsync("Contact", contact, Renamed, new RecordVersion(LongAgo), Ct));

        (byTag.ChangedMeanwhile, byTime.ChangedMeanwhile, byTime.InDoubt).ShouldBe((true, true, false));
        byTime.Class.ShouldBe(new ErrorClass(new Remedy.GiveUp(), Blame.Message));
        client.Org.Read("Account", account)!.Value.GetProperty("Name").GetString().ShouldBe("mine");
        client.Org.Read("Contact", contact)!.Value.GetProperty("LastName").GetString().ShouldBe("x");
    }

    [Fact]
    public async Task An_update_with_a_condition_whose_answer_is_lost_is_in_doubt_and_made_once()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();
        string contact = client.Org.Create("Contact", new { LastName = "x" });
        client.Org.Faults.Add(new Fault.CutApiReply { Call = ApiCallKind.Update, Times = 1 });

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(
            client.Rest.UpdateRecordAsync("Contact", contact, Renamed, new RecordVersion(DateTimeOffset.MaxValue.AddDays(-1)), Ct));

        (failure.InDoubt, client.Org.Ledger.Writes.Count).ShouldBe((true, 1));
    }

    [Theory]
    [MemberData(nameof(NoAnswers), DisableDiscoveryEnumeration = true)]
    public async Task What_does_not_say_that_the_update_was_made_leaves_it_in_doubt(Answer answer)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("PATCH sobjects/Contact/003", answer);
        using var client = new Client(org);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(
            client.Rest.UpdateRecordAsync("Contact", "003", Renamed, new RecordVersion(LongAgo), Ct));

        (failure.Code, failure.InDoubt, org.Requests.Count).ShouldBe((OwnCodes.UnusableReply, true, 1));
    }

    [Fact]
    public async Task An_update_that_is_refused_with_success_in_its_status_is_refused()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("PATCH sobjects/Contact/003", Answer.Ok(CollectionsDriver.Refused("STRING_TOO_LONG")));
        using var client = new Client(org);

        (await Should.ThrowAsync<SalesforceException>(client.Rest.UpdateRecordAsync("Contact", "003", Renamed, new RecordVersion(LongAgo), Ct)))
            .Code.ShouldBe("STRING_TOO_LONG");
    }

    [Fact]
    public async Task A_state_that_says_nothing_is_no_condition()
    {
        await using SimulatedClient client = await SimulatedClient.StartAsync();

        await Should.ThrowAsync<ArgumentException>(() => client.Rest.UpdateRecordAsync("Contact", "003", Renamed, new RecordVersion(null), Ct));
    }

    private static Task<ConditionalRead<JsonElement>> ReadAsync(SimulatedClient client, string sObject, string id, RecordVersion? known) =>
        client.Rest.GetObjectIfChangedAsync(sObject, id, null, known, ApexJson.Default.JsonElement, Ct);
}
