using System.Text;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class StreamingTests
{
    private const string Route = "PUT upload";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_goes_out_in_chunks_as_it_is_produced()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, new Answer(201));
        using var client = new Client(org);

        await client.Rest.SendAsync(Upload(Text("one ", "two")), Ct);

        Received request = org.Requests.Single();
        request.Body.ShouldBe("one two");
        request.Headers["Transfer-Encoding"].ShouldBe("chunked");
        request.Headers.Keys.ShouldNotContain("Content-Length");
    }

    [Fact]
    public async Task A_body_that_can_be_written_again_follows_a_new_token()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, Answer.SessionExpired(), Answer.Error(503, "SERVER_UNAVAILABLE"), new Answer(201));
        using var client = new Client(org);

        await client.Rest.SendAsync(Upload(Text("whole")), Ct);

        org.Requests.Select(request => (request.Token, request.Body))
            .ShouldBe([("token-1", "whole"), ("token-2", "whole"), ("token-2", "whole")]);
    }

    [Fact]
    public async Task A_body_that_cannot_be_written_again_is_not_used_up_by_a_rejected_token()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, new Answer(201)).OnceBeforeBody(Route, Answer.SessionExpired());
        using var client = new Client(org);

        await client.Rest.SendAsync(Upload(Once("whole")), Ct);

        org.Requests.Select(request => (request.Token, request.Body)).ShouldBe([("token-1", ""), ("token-2", "whole")]);
        org.Requests[0].Headers["Expect"].ShouldBe("100-continue");
    }

    [Fact]
    public async Task A_body_that_is_used_up_is_not_sent_again_but_the_next_call_has_a_new_token()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, Answer.SessionExpired());
        using var client = new Client(org);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(client.Rest.SendAsync(Upload(Once("whole")), Ct));

        failure.Code.ShouldBe("INVALID_SESSION_ID");
        org.Requests.Count.ShouldBe(1);
        client.Tokens.Renewals.ShouldBe(1);
    }

    [Fact]
    public async Task A_body_that_is_used_up_is_not_tried_again_after_an_error_that_passes()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, Answer.Error(503, "SERVER_UNAVAILABLE"));
        using var client = new Client(org);

        await Should.ThrowAsync<SalesforceException>(client.Rest.SendAsync(Upload(Once("whole")), Ct));

        org.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_goes_wrong_in_producing_a_body_reaches_the_caller_as_it_is()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, new Answer(201));
        using var client = new Client(org);
        var body = new StreamedBody(async (wire, ct) =>
        {
            await wire.WriteAsync("some"u8.ToArray(), ct);
            throw new IOException("the disk is gone");
        });

        (await Should.ThrowAsync<IOException>(client.Rest.SendAsync(Upload(body), Ct))).Message.ShouldBe("the disk is gone");
    }

    [Fact]
    public async Task The_time_in_which_nothing_is_produced_does_not_count()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, new Answer(201)).On("GET never", Answer.Ok("{}") with { After = new TaskCompletionSource().Task });
        using var client = new Client(org, Client.NoRetries with { Timeout = TimeSpan.FromMilliseconds(150) });
        var body = new StreamedBody(async (wire, ct) =>
        {
            await wire.WriteAsync("a"u8.ToArray(), ct);
            await RunOutOfTimeAsync(client);
            await wire.WriteAsync("b"u8.ToArray(), ct);
            await RunOutOfTimeAsync(client);
        });

        (await client.Rest.SendAsync(Upload(body), Ct)).Status.ShouldBe(System.Net.HttpStatusCode.Created);
    }

    [Fact]
    public async Task An_answer_that_stalls_is_given_up()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET download", new Answer(200, "0123456789") { ContentType = "application/octet-stream", StallAfter = 4 });
        using var client = new Client(org, Client.NoRetries with { Timeout = TimeSpan.FromMilliseconds(200) });
        using StreamedReply reply = await client.Rest.OpenAsync(Download(), Ct);
        byte[] buffer = new byte[4];
        await reply.Body.ReadExactlyAsync(buffer, Ct);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(reply.Body.ReadAsync(buffer, Ct).AsTask());

        Encoding.ASCII.GetString(buffer).ShouldBe("0123");
        failure.Code.ShouldBe(OwnCodes.NoReply);
        failure.Class.Remedy.ShouldBeOfType<Remedy.Retry>();
    }

    [Fact]
    public async Task Who_reads_an_answer_may_take_any_time_between_two_reads()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET download", new Answer(200, "0123456789") { ContentType = "application/octet-stream" })
            .On("GET never", Answer.Ok("{}") with { After = new TaskCompletionSource().Task });
        using var client = new Client(org, Client.NoRetries with { Timeout = TimeSpan.FromMilliseconds(150) });
        using StreamedReply reply = await client.Rest.OpenAsync(Download(), Ct);
        byte[] buffer = new byte[4];
        await reply.Body.ReadExactlyAsync(buffer, Ct);
        await RunOutOfTimeAsync(client);
        await RunOutOfTimeAsync(client);
        using var rest = new StreamReader(reply.Body);

        (await rest.ReadToEndAsync(Ct)).ShouldBe("456789");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_that_is_cut_says_so(bool isChunked)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET download", new Answer(200, "0123456789") { ContentType = "application/octet-stream", CutAfter = 4, IsChunked = isChunked });
        using var client = new Client(org, Client.NoRetries);
        using StreamedReply reply = await client.Rest.OpenAsync(Download(), Ct);
        using var reader = new StreamReader(reply.Body);

        (await Should.ThrowAsync<SalesforceException>(reader.ReadToEndAsync(Ct))).Code.ShouldBe(OwnCodes.NoReply);
    }

    [Fact]
    public async Task A_page_of_markup_is_no_answer_and_is_asked_for_again()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET download", Answer.Html(200), new Answer(302).With("Location", "https://elsewhere.example/"), Answer.Csv("a"));
        using var client = new Client(org);

        using StreamedReply reply = await client.Rest.OpenAsync(Download() with { Accept = "text/csv" }, Ct);

        reply.Headers["Content-Type"].ShouldBe("text/csv");
        org.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task An_answer_of_another_type_cannot_be_used()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET download", Answer.Ok("{}"));
        using var client = new Client(org, Client.NoRetries);

        (await Should.ThrowAsync<SalesforceException>(client.Rest.OpenAsync(Download() with { Accept = "text/csv" }, Ct))).Code
            .ShouldBe(OwnCodes.UnusableReply);
    }

    private static SalesforceRequest Upload(StreamedBody body) => new(HttpMethod.Put, "upload") { StreamedBody = body, ContentType = "text/csv" };

    private static SalesforceRequest Download() => new(HttpMethod.Get, "download") { Accept = "*/*" };

    private static StreamedBody Text(params string[] pieces) => new(async (wire, ct) =>
    {
        foreach (string piece in pieces)
            await wire.WriteAsync(Encoding.UTF8.GetBytes(piece), ct);
    });

    private static StreamedBody Once(string text) => new((wire, ct) => wire.WriteAsync(Encoding.UTF8.GetBytes(text), ct).AsTask()) { IsReplayable = false };

    // Another call with the same limit, which ends when that is over.
    private static async Task RunOutOfTimeAsync(Client client) =>
        (await Should.ThrowAsync<SalesforceException>(client.Rest.SendAsync(new SalesforceRequest(HttpMethod.Get, "never"), Ct))).Code.ShouldBe(OwnCodes.NoReply);
}
