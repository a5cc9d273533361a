using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

/// <summary>An id or a path must not lead to another resource than the one that was asked for.</summary>
public sealed class PathTests
{
    private static readonly RecordVersion Known = new(DateTimeOffset.UnixEpoch);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Calls that have an id in their path.</summary>
    public static TheoryData<string, Func<SalesforceClient, string, Task>> WithAnId => new()
    {
        { "read", (org, id) => org.GetObjectByIdAsync("Account", id, null, Ct) },
        { "read if changed", (org, id) => org.GetObjectIfChangedAsync("Account", id, null, Known, RowJson.Default.JsonElement, Ct) },
        { "update if unchanged", (org, id) => org.UpdateRecordAsync("Account", id, new Dictionary<string, object?>(), Known, Ct) },
        { "blob", (org, id) => org.BlobRetrieveStreamAsync("Attachment", id, "Body", Ct) },
        { "object", (org, id) => org.GetObjectDescribeAsync(id, Ct) },
    };

    [Theory]
    [MemberData(nameof(WithAnId), DisableDiscoveryEnumeration = true)]
    public async Task An_id_that_is_no_step_of_a_path_is_refused_before(string what, Func<SalesforceClient, string, Task> call)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        using var client = new Client(org, Client.NoRetries);

        foreach (string id in (string[])["", ".", ".."])
            await Should.ThrowAsync<ArgumentException>(() => call(client.Rest, id), $"{what} '{id}'");

        org.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("?fields=Id", "%3Ffields%3DId")]
    [InlineData("001#x", "001%23x")]
    [InlineData("001/../../limits", "001%2F..%2F..%2Flimits")]
    [InlineData("..\\limits", "..%5Climits")]
    [InlineData("%2e%2e", "%252e%252e")]
    public async Task Whatever_else_an_id_holds_arrives_as_an_id(string id, string onTheWire)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On($"GET sobjects/Account/{onTheWire}", Answer.Ok("{}"));
        using var client = new Client(org, Client.NoRetries);

        await client.Rest.GetObjectByIdAsync("Account", id, null, Ct);

        org.Requests.Single().Target.ShouldBe($"/services/data/v62.0/sobjects/Account/{onTheWire}");
    }

    [Theory]
    [InlineData("orders/../../data/v62.0/limits")]
    [InlineData("orders/%2e%2E")]
    [InlineData("orders/.")]
    [InlineData("orders\\a1")]
    [InlineData("orders/a1#b")]
    public async Task A_path_that_would_lead_elsewhere_than_it_reads_is_refused_before(string path)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        using var client = new Client(org, Client.NoRetries);

        await Should.ThrowAsync<ArgumentException>(() => client.Rest.ExecuteApexAsync(HttpMethod.Delete, path, null, Ct));

        org.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/services/apexrest/a..b/...?x=../y/..", "/services/apexrest/a..b/...?x=../y/..")]
    [InlineData("sobjects/Account/", "/services/data/v62.0/sobjects/Account/")]
    public async Task Dots_within_a_step_and_behind_the_path_are_no_such_thing(string path, string target)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On($"GET {target.Split('?')[0]}", Answer.Ok("{}"));
        using var client = new Client(org, Client.NoRetries);

        await client.Rest.SendAsync(new SalesforceRequest(HttpMethod.Get, path), Ct);

        org.Requests.Single().Target.ShouldBe(target);
    }

    [Theory]
    [InlineData("//evil.example/services/data/v62.0/query/x")]
    [InlineData("/\\evil.example/services/data/v62.0/query/x")]
    [InlineData("https://evil.example/services/data/v62.0/query/x")]
    [InlineData("@evil.example/services/data/v62.0/query/x")]
    [InlineData("/services/data/v62.0/query/../../../oauth2/revoke")]
    public async Task A_next_page_elsewhere_is_no_page(string next)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET query", Pages.Page(2, next, "1"));
        using var client = new Client(org, Client.NoRetries);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(
            client.Rest.QueryAsync("select Id from Account", Ct).ToListAsync(Ct).AsTask());

        (failure.Code, org.Requests.Count).ShouldBe((OwnCodes.UnusableReply, 1));
    }
}
