using System.IO.Compression;
using System.Text;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

/// <summary>Answers that no org gives on a good day.</summary>
public sealed class AnswerTests
{
    private static readonly SalesforceClientSettings Short = new() { Retries = 0, LongestAnswer = 100_000 };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Calls whose answers are held in memory.</summary>
    public static TheoryData<string, Func<SalesforceClient, Task>> Held => new()
    {
        { "GET query", org => org.QueryAsync("select Id from Account", Ct).ToListAsync(Ct).AsTask() },
        { "GET sobjects", org => org.DescribeGlobalAsync(Ct) },
        { "POST sobjects/Account", org => org.CreateRecordAsync("Account", new Dictionary<string, object?>(), Ct) },
    };

    [Theory]
    [MemberData(nameof(Held), DisableDiscoveryEnumeration = true)]
    public async Task An_answer_that_swells_when_it_is_unpacked_is_not_read_to_its_end(string route, Func<SalesforceClient, Task> call)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(route, Zeros(200_000_000));
        using var client = new Client(org, Short);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(() => call(client.Rest));

        failure.Code.ShouldBe(OwnCodes.UnusableReply);
        failure.Message.ShouldContain("longer than 100,000 bytes");
        failure.InDoubt.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Held), DisableDiscoveryEnumeration = true)]
    public async Task An_answer_that_says_how_long_it_is_is_not_read_at_all(string route, Func<SalesforceClient, Task> call)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(route, new Answer(200, new string(' ', 200_000)) { StallAfter = 1 });
        using var client = new Client(org, Short with { Timeout = TimeSpan.FromSeconds(20) });

        (await Should.ThrowAsync<SalesforceException>(() => call(client.Rest))).Code.ShouldBe(OwnCodes.UnusableReply);
    }

    [Fact]
    public async Task An_answer_of_the_longest_length_is_read()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        string body = """{"totalSize":0,"done":true,"records":[]}""".PadRight(100_000);
        org.On("GET query", Answer.Ok(body));
        org.On("GET limits", Answer.Ok("{}".PadRight(100_000)));
        using var client = new Client(org, Short);

        (await client.Rest.QueryAsync("select Id from Account", Ct).ToListAsync(Ct)).ShouldBeEmpty();
        (await client.Rest.SendAsync(new SalesforceRequest(HttpMethod.Get, "limits"), Ct)).Body.Length.ShouldBe(100_000);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task An_answer_without_a_body_needs_none_whatever_it_says_of_its_packing(int status)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET limits", new Answer(status).With("Content-Encoding", "gzip"));
        using var client = new Client(org, Short);
        var request = new SalesforceRequest(HttpMethod.Get, "limits") { Accept = "*/*" };

        SalesforceReply held = await client.Rest.SendAsync(request, Ct);
        using StreamedReply opened = await client.Rest.OpenAsync(request, Ct);

        (held.Body.Length, (int)held.Status).ShouldBe((0, status));
        (await opened.Body.ReadAsync(new byte[1], Ct)).ShouldBe(0);
    }

    /// <summary>JSON that is none but takes little room on the wire.</summary>
    internal static Answer Zeros(int length)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            byte[] piece = Encoding.UTF8.GetBytes(new string(' ', 100_000));
            for (int written = 0; written < length; written += piece.Length)
                gzip.Write(piece);
        }

        return (new Answer(200) { Packed = packed.ToArray() }).With("Content-Encoding", "gzip");
    }
}
