using System.IO.Compression;
using System.Text;
using System.Text.Json;
using SalesforceBridge.Configuration;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Callouts;

public sealed class CalloutTests
{
    private const string Account1 = """{"attributes":{"type":"Account","url":"/services/data/v62.0/sobjects/Account/0011"},"Id":"0011","Name":"Ä \"1\""}""";
    private const string Account2 = """{"attributes":{"type":"Account"},"Id":"0012","Name":"2"}""";

    [Fact]
    public async Task An_inserting_trigger_becomes_a_message_per_record()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();

        CalloutAnswer answer = await apex.PostAsync($$"""{"new": [{{Account1}},{{Account2}}], "old": null, "userId": "0051"}""");

        answer.Status.ShouldBe(202);
        answer.Json.GetProperty("accepted").GetInt32().ShouldBe(2);
        answer.Ids.ShouldBe([.. await apex.Bridge.Database.ColumnAsync<long>("select id from bridge.inbox where source = 'callout orders' order by id")]);
        (await PayloadsAsync(apex)).ShouldBe(
        [
            Canonical($$"""{"operation":"insert","record":{{Account1}},"userId":"0051"}"""),
            Canonical($$"""{"operation":"insert","record":{{Account2}},"userId":"0051"}"""),
        ]);
        (await apex.Bridge.Database.ColumnAsync<string>("select key from bridge.inbox order by id")).ShouldBe(["0011", "0012"]);
    }

    [Theory]
    [InlineData("""{"new":[{"Id":"1","N":2},{"Id":"2","N":2}],"old":[{"Id":"1","N":1},{"Id":"2","N":0}]}""",
        """{"operation":"update","record":{"Id":"1","N":2},"old":{"Id":"1","N":1}}""", """{"operation":"update","record":{"Id":"2","N":2},"old":{"Id":"2","N":0}}""")]
    [InlineData("""{"old":[{"Id":"2","N":0},{"Id":"1","N":1}],"new":[{"Id":"1","N":2},{"Id":"2","N":2}]}""",
        """{"operation":"update","record":{"Id":"1","N":2},"old":{"Id":"1","N":1}}""", """{"operation":"update","record":{"Id":"2","N":2},"old":{"Id":"2","N":0}}""")]
    [InlineData("""{"new":[{"N":2}],"old":[{"N":1}]}""", """{"operation":"update","record":{"N":2},"old":{"N":1}}""")]
    [InlineData("""{"new":[],"old":[{"Id":"1"}],"userId":"005"}""", """{"operation":"delete","record":{"Id":"1"},"old":{"Id":"1"},"userId":"005"}""")]
    [InlineData("""{"old":[{"Id":"1"}],"operation":"mine","record":1}""", """{"operation":"delete","record":{"Id":"1"},"old":{"Id":"1"}}""")]
    [InlineData("""[{"Id":"1"},{"Id":"2"}]""", """{"record":{"Id":"1"}}""", """{"record":{"Id":"2"}}""")]
    [InlineData("""{"records":[{"Id":"1"},7],"batch":{"n":1}}""", """{"record":{"Id":"1"},"batch":{"n":1}}""", """{"record":7,"batch":{"n":1}}""")]
    [InlineData("""{"attributes":{"type":"Order__c"},"Id":"1","new":[1]}""", """{"record":{"attributes":{"type":"Order__c"},"Id":"1","new":[1]}}""")]
    [InlineData("""{"anything":{"at":["all"]}}""", """{"record":{"anything":{"at":["all"]}}}""")]
    [InlineData("""{"new":"a word"}""", """{"record":{"new":"a word"}}""")]
    [InlineData("""{"a":1,"a":2}""", """{"record":{"a":2}}""")]
    [InlineData("""{"n\u0065w":[{"Id":"1"}]}""", """{"operation":"insert","record":{"Id":"1"}}""")]
    [InlineData("{}", """{"record":{}}""")]
    public async Task A_body_is_taken_apart_as_its_sender_meant_it(string body, params string[] payloads)
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();

        CalloutAnswer answer = await apex.PostAsync(body);

        answer.Status.ShouldBe(202, answer.Body);
        (await PayloadsAsync(apex)).ShouldBe([.. payloads.Select(Canonical)]);
    }

    [Fact]
    public async Task A_packed_body_and_one_with_a_byte_order_mark_are_taken()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();
        byte[] marked = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Account1)];

        (await apex.PostAsync(marked)).Status.ShouldBe(202);
        (await apex.SendAsync(CalloutCaller.Request(Gzip(Account2)).With("Content-Encoding", "gzip").With("X-Api-Key", CalloutCaller.Secret))).Status.ShouldBe(202);

        (await PayloadsAsync(apex)).ShouldBe([Canonical($$"""{"record":{{Account1}}}"""), Canonical($$"""{"record":{{Account2}}}""")]);
    }

    [Fact]
    public async Task One_lone_surrogate_among_200_records_is_kept_raw_and_counts_as_accepted()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();
        string records = string.Join(',', Enumerable.Range(0, 200).Select(n => n == 77 ? """{"Id":"77","Name":"\ud800"}""" : $$"""{"Id":"{{n}}"}"""));

        CalloutAnswer answer = await apex.PostAsync($$"""{"new":[{{records}}]}""", key: "batch 1");
        CalloutAnswer again = await apex.PostAsync($$"""{"new":[{{records}}]}""", key: "batch 1");

        answer.Status.ShouldBe(202);
        answer.Ids.Length.ShouldBe(200);
        again.Ids.ShouldBe(answer.Ids);
        (await apex.CountAsync()).ShouldBe(200);
        (await apex.Bridge.Database.ScalarAsync<string>("select key || ' ' || convert_from(raw, 'UTF8') from bridge.inbox where fault like '%surrogate%'"))
            .ShouldBe("""77 {"operation":"insert","record":{"Id":"77","Name":"\ud800"}}""");
    }

    [Fact]
    public async Task Ten_thousand_records_in_one_body_are_one_commit()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();

        CalloutAnswer answer = await apex.PostAsync($"[{string.Join(',', Enumerable.Range(0, 10_000).Select(n => $$"""{"Id":"{{n}}"}"""))}]");

        answer.Json.GetProperty("accepted").GetInt32().ShouldBe(10_000);
        (await apex.Bridge.Database.ScalarAsync<long>("select count(distinct xmin::text) from bridge.inbox")).ShouldBe(1);
        (await apex.Bridge.Database.ColumnAsync<string>("select key from bridge.inbox order by id")).ShouldBe(Enumerable.Range(0, 10_000).Select(n => $"{n}"));
    }

    [Fact]
    public async Task The_same_key_again_gets_the_same_answer_and_another_body_under_it_is_refused()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();
        string key = new('k', 255);

        CalloutAnswer first = await apex.PostAsync("""[{"n":1},{"n":2}]""", key);
        CalloutAnswer again = await apex.PostAsync("""[{"n":1},{"n":2}]""", key);
        CalloutAnswer other = await apex.PostAsync("""[{"n":1},{"n":3}]""", key);
        CalloutAnswer tooLong = await apex.PostAsync("""[{"n":1},{"n":2}]""", key + "k");

        again.ShouldBe(first);
        (other.Status, other.Error).ShouldBe((422, "idempotency_key_reused"));
        (tooLong.Status, tooLong.Error).ShouldBe((400, "bad_idempotency_key"));
        (await apex.Bridge.Database.ColumnAsync<string>("select dedupe_key from bridge.inbox order by id")).ShouldBe([$"mes/{key}#0", $"mes/{key}#1"]);
    }

    [Fact]
    public async Task Another_caller_may_use_the_same_key_and_without_a_key_nothing_is_a_repetition()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();
        HttpRequestMessage Call(string secret) => CalloutCaller.Request("{}").With("X-Api-Key", secret).With("Idempotency-Key", "1");

        CalloutAnswer[] answers =
        [
            await apex.SendAsync(Call(CalloutCaller.Secret)), await apex.SendAsync(Call(CalloutCaller.OtherSecret)), await apex.PostAsync("{}"), await apex.PostAsync("{}"),
        ];

        answers.SelectMany(answer => answer.Ids).Distinct().Count().ShouldBe(4);
    }

    [Fact]
    public async Task A_name_that_no_route_listens_to_is_404_and_only_an_admitted_caller_learns_the_names()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();

        CalloutAnswer known = await apex.PostAsync("{}", name: "nobody");
        CalloutAnswer stranger = await apex.SendAsync(CalloutCaller.Request("{}", "nobody"));

        (known.Status, known.Error).ShouldBe((404, "unknown_callout"));
        known.Message.ShouldBe("No route listens to a callout of this name. There are: orders.");
        stranger.Status.ShouldBe(404);
        stranger.Body.ShouldNotContain("orders");
        (await apex.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_disabled_route_still_listens()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(route: $"-- enabled: no\n{CalloutCaller.Route}");

        (await apex.PostAsync("{}")).Status.ShouldBe(202);
    }

    [Theory]
    [InlineData("-- on: callout orders\n-- kye: key\nselect 1 from message")]
    [InlineData("-- on: callout orders\nselect 1 from message; select 2")]
    [InlineData("-- on: callout orders\n-- do: reply\ndelete from orders")]
    public async Task A_callout_whose_only_route_has_a_fault_is_to_be_sent_again(string route)
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(route: route);

        CalloutAnswer answer = await apex.PostAsync("{}");

        (answer.Status, answer.Error, answer.RetryAfter).ShouldBe((503, "route_unfit", TimeSpan.FromMinutes(1)));
        (await apex.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task What_comes_before_the_first_worker_is_there_for_its_route()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(route: """
            -- on: callout orders
            insert into seen select payload->'record'->>'Name', payload->>'operation', key from message
            """);
        await apex.Bridge.Database.ExecuteAsync("create table seen (name text, operation text, key text)");
        CalloutAnswer before = await apex.PostAsync($$"""{"new":[{{Account1}},{{Account2}}],"old":[]}""");

        await using TestHost worker = await apex.Bridge.RunAsync(ProcessRole.Worker);

        before.Status.ShouldBe(202);
        await apex.Bridge.UntilAsync("""select array_agg(concat_ws('|', name, operation, key) order by key) = array['Ä "1"|insert|0011', '2|insert|0012'] from seen""");
    }

    [Fact]
    public async Task One_process_that_does_everything_takes_in_and_works()
    {
        Bridge bridge = (await Bridge.StartAsync()).WithRoute("orders", """
            -- on: callout orders
            insert into seen select payload->'record'->>'n' from message
            """);
        await bridge.Database.ExecuteAsync("create table seen (n text)");
        await using CalloutCaller apex = await CalloutCaller.OnAsync(bridge, role: ProcessRole.All);

        CalloutAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(n => apex.PostAsync($$"""{"n":{{n}}}""")));

        answers.ShouldAllBe(answer => answer.Status == 202);
        await apex.Bridge.UntilAsync("select count(distinct n) = 50 and count(*) = 50 from seen");
    }

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    private static async Task<List<string>> PayloadsAsync(CalloutCaller apex) =>
        [.. (await apex.Bridge.Database.ColumnAsync<string>("select payload::text from bridge.inbox order by id")).Select(Canonical)];

    private static string Canonical(string json) => string.Join('\n', Lines(JsonElement.Parse(json), ""));

    private static IEnumerable<string> Lines(JsonElement json, string path) => json.ValueKind == JsonValueKind.Object && json.EnumerateObject().Any()
        ? json.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal).SelectMany(member => Lines(member.Value, $"{path}/{member.Name}"))
        : [$"{path} = {(json.ValueKind == JsonValueKind.String ? json.GetString() : json.GetRawText().Replace(" ", ""))}"];
}
