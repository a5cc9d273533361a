using System.Text.Json;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class ExternalIdTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("A1", "A1")]
    [InlineData("A/1", "A%2F1")]
    [InlineData("A/../1", "A%2F..%2F1")]
    [InlineData("../Contact/003", "..%2FContact%2F003")]
    [InlineData("a+b", "a%2Bb")]
    [InlineData("a#b", "a%23b")]
    [InlineData("a?b=c&d", "a%3Fb%3Dc%26d")]
    [InlineData("100%", "100%25")]
    [InlineData("%2F", "%252F")]
    [InlineData("a b", "a%20b")]
    [InlineData(" a ", "%20a%20")]
    [InlineData("a\\b", "a%5Cb")]
    [InlineData("a;b,c:d@e", "a%3Bb%2Cc%3Ad%40e")]
    [InlineData("a\"b'c<d>", "a%22b%27c%3Cd%3E")]
    [InlineData("[a]{b}|^`", "%5Ba%5D%7Bb%7D%7C%5E%60")]
    [InlineData("~a-b_c.1", "~a-b_c.1")]
    [InlineData("é", "%C3%A9")]
    [InlineData("😀", "%F0%9F%98%80")]
    [InlineData("line\nend", "line%0Aend")]
    public async Task Every_character_of_an_external_id_arrives(string value, string onTheWire)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On($"PATCH sobjects/Account/Ext__c/{onTheWire}", new Answer(204));
        using var client = new Client(org, Client.NoRetries);

        await client.Rest.InsertOrUpdateRecordAsync("Account", "Ext__c", value, new Dictionary<string, object?>(), Ct);

        org.Requests.Single().Target.ShouldBe($"/services/data/v62.0/sobjects/Account/Ext__c/{onTheWire}");
    }

    [Theory]
    [InlineData("\"Acme.inc\"")]
    [InlineData("\"www.example.com\"")]
    [InlineData("\".\"")]
    [InlineData("\"..\"")]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("\"\\ud800\"")]
    public async Task What_a_path_cannot_hold_goes_in_a_collections_body(string json)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("PATCH composite/sobjects/Account/Ext__c", Answer.Ok($"[{CollectionsDriver.Saved("001")}]"));
        using var client = new Client(org);

        SaveOutcome outcome = await client.Rest.SaveAsync(
            SaveVerb.Upsert, "Account", "Ext__c", [Client.Json($$"""{"Ext__c":{{json}},"Name":"x"}""")], allOrNone: false, Ct);

        outcome.Results.Single().Id.ShouldBe("001");
        org.Requests.Single().Body.ShouldBe(
            $$"""{"allOrNone":false,"records":[{"attributes":{"type":"Account"},"Ext__c":{{json}},"Name":"x"}]}""");
    }

    [Fact]
    public async Task A_number_is_an_external_id_too()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("PATCH sobjects/Account/Ext__c/42.5", new Answer(204));
        using var client = new Client(org);

        SaveOutcome outcome = await client.Rest.SaveAsync(
            SaveVerb.Upsert, "Account", "Ext__c", [Client.Json("""{"ext__C":42.5,"Name":"x"}""")], allOrNone: false, Ct);

        outcome.Results.Single().Success.ShouldBeTrue();
        org.Requests.Single().Body.ShouldBe("""{"Name":"x"}""");
    }

    [Fact]
    public async Task An_upsert_without_a_field_is_a_mistake_of_the_caller()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        using var client = new Client(org);

        await Should.ThrowAsync<ArgumentException>(
            client.Rest.SaveAsync(SaveVerb.Upsert, "Account", null, [JsonSerializer.SerializeToUtf8Bytes("{}")], allOrNone: false, Ct));
    }
}
