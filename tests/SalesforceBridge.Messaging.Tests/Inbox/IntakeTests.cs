using System.Text;
using Npgsql;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Inbox;

public sealed class IntakeTests
{
    private const string Source = "callout orders";

    [Fact]
    public async Task The_answer_has_the_ids_of_the_stored_rows_in_the_order_of_the_request()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle);

        IntakeAnswer answer = await intake.AcceptAsync(Source, """{"n":1}""", """{"n":2}""", """{"n":3}""");

        long[] ids = [.. await middle.ColumnAsync<long>("select id from bridge.inbox order by (payload->>'n')::int")];
        answer.ShouldBeOfType<IntakeAnswer.Stored>().Ids.ShouldBe(ids);
    }

    [Fact]
    public async Task Requests_that_come_while_a_commit_runs_share_the_next_one()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle);
        await intake.AcceptAsync(Source, "{}");
        Task<IntakeAnswer>[] accepting;
        await using (NpgsqlConnection connection = await middle.Database.OpenAsync(default))
        await using (NpgsqlTransaction transaction = await connection.BeginTransactionAsync())
        {
            await using var held = new NpgsqlCommand($"select from bridge.cursor where name = '{Source}' for update", connection, transaction);
            await held.ExecuteNonQueryAsync();
            accepting = [.. Enumerable.Range(1, 100).Select(n => intake.AcceptAsync(n % 3 == 0 ? "callout others" : Source, $$"""{"n":{{n}}}"""))];
            await middle.UntilAsync("select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())");
            await transaction.CommitAsync();
        }

        IntakeAnswer[] answers = await Task.WhenAll(accepting);

        answers.ShouldAllBe(answer => answer is IntakeAnswer.Stored);
        // The one before, what was held, the others, and one for a source that was not there yet.
        (await middle.ScalarAsync<long>("select count(distinct xmin::text) from bridge.inbox")).ShouldBeLessThanOrEqualTo(4);
        for (int n = 1; n <= 100; n++)
        {
            long id = ((IntakeAnswer.Stored)answers[n - 1]).Ids.Single();
            (await middle.ScalarAsync<string>($"select payload->>'n' from bridge.inbox where id = {id}")).ShouldBe($"{n}");
        }
    }

    [Fact]
    public async Task The_same_key_again_is_answered_with_the_first_ids_and_stores_nothing()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle);
        IntakeRequest request = RunningIntake.Request(Source, """{"n":1}""", """{"n":"\ud800"}""", """{"n":3}""") with { IdempotencyKey = "mes/4711" };

        IntakeAnswer first = await intake.AcceptAsync(request);
        IntakeAnswer second = await intake.AcceptAsync(request);

        second.ShouldBeOfType<IntakeAnswer.AlreadyStored>().Ids.ShouldBe(first.ShouldBeOfType<IntakeAnswer.Stored>().Ids);
        (await middle.ColumnAsync<string>("select dedupe_key from bridge.inbox order by id")).ShouldBe(["mes/4711#0", "mes/4711#1", "mes/4711#2"]);
        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox where fault is not null and raw is not null")).ShouldBe(1);
    }

    [Fact]
    public async Task The_same_key_a_hundred_times_at_once_is_stored_once()
    {
        await using Middle middle = await Middle.StartAsync();
        await using Middle neighbour = middle.Beside();
        await using var intake = new RunningIntake(middle);
        await using var other = new RunningIntake(neighbour);
        IntakeRequest request = RunningIntake.Request(Source, """{"n":1}""", """{"n":2}""") with { IdempotencyKey = "mes/1" };

        IntakeAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(n => (n % 2 == 0 ? intake : other).AcceptAsync(request)));

        answers.Count(answer => answer is IntakeAnswer.Stored).ShouldBe(1);
        answers.Count(answer => answer is IntakeAnswer.AlreadyStored).ShouldBe(99);
        answers.Select(IdsOf).Distinct().ShouldHaveSingleItem();
        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(2);
    }

    [Theory]
    [InlineData("""{"n":1}""", """{"n":9}""")]
    [InlineData("""{"n":1}""")]
    [InlineData("""{"n":1}""", """{"n":2}""", """{"n":3}""")]
    [InlineData("""{"n":2}""", """{"n":1}""")]
    public async Task Another_body_under_a_used_key_is_refused_and_stores_nothing(params string[] payloads)
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle);
        await intake.AcceptAsync(RunningIntake.Request(Source, """{"n":1}""", """{"n":2}""") with { IdempotencyKey = "mes/1" });

        IntakeAnswer answer = await intake.AcceptAsync(RunningIntake.Request(Source, payloads) with { IdempotencyKey = "mes/1" });

        answer.ShouldBeOfType<IntakeAnswer.OtherBody>();
        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(2);
    }

    [Fact]
    public async Task A_key_is_the_callers_own_and_the_sources_own()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle);
        IntakeRequest request = RunningIntake.Request(Source, """{"n":1}""");

        IntakeAnswer[] answers = await Task.WhenAll(
            intake.AcceptAsync(request with { IdempotencyKey = "a/1" }),
            intake.AcceptAsync(RunningIntake.Request(Source, """{"n":2}""") with { IdempotencyKey = "b/1" }),
            intake.AcceptAsync(RunningIntake.Request("callout others", """{"n":3}""") with { IdempotencyKey = "a/1" }));

        answers.ShouldAllBe(answer => answer is IntakeAnswer.Stored);
    }

    [Fact]
    public async Task Without_an_idempotency_key_each_message_is_known_by_its_own()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle);
        IntakeAnswer first = await intake.AcceptAsync(new IntakeRequest([Notified("n1"), Notified("n2")]));

        IntakeAnswer second = await intake.AcceptAsync(new IntakeRequest([Notified("n3"), Notified("n2"), Notified("n3")]));
        IntakeAnswer third = await intake.AcceptAsync(new IntakeRequest([Notified("n2")]));

        IReadOnlyList<long> before = first.ShouldBeOfType<IntakeAnswer.Stored>().Ids;
        IReadOnlyList<long> after = second.ShouldBeOfType<IntakeAnswer.Stored>().Ids;
        after.ShouldBe([after[0], before[1], after[0]]);
        third.ShouldBeOfType<IntakeAnswer.AlreadyStored>().Ids.ShouldBe([before[1]]);
        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(3);
    }

    [Fact]
    public async Task A_request_that_the_database_refuses_is_kept_raw_and_its_neighbours_are_stored()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("alter table bridge.inbox add constraint picky check (payload->>'n' <> '13')");
        await using var intake = new RunningIntake(middle);

        IntakeAnswer[] answers = await Task.WhenAll(Enumerable.Range(10, 6).Select(n => intake.AcceptAsync(Source, $$"""{"n":{{n}}}""")));

        answers.ShouldAllBe(answer => answer is IntakeAnswer.Stored);
        (await middle.ColumnAsync<string>("select payload->>'n' from bridge.inbox where fault is null order by 1")).ShouldBe(["10", "11", "12", "14", "15"]);
        (await middle.ScalarAsync<string>("select convert_from(raw, 'UTF8') || fault from bridge.inbox where fault is not null"))
            .ShouldStartWith("""{"n":13}The database refused it: 23514""");
    }

    [Fact]
    public async Task A_request_that_the_database_refuses_in_every_form_fails_alone()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("alter table bridge.inbox add constraint picky check (key <> 'bad')");
        await using var intake = new RunningIntake(middle);
        var bad = new IntakeRequest([Notified("n1"), Notified("n2") with { Key = "bad" }]);

        IntakeAnswer[] answers = await Task.WhenAll(intake.AcceptAsync(Source, "{}"), intake.AcceptAsync(bad), intake.AcceptAsync(Source, "{}"));

        answers[0].ShouldBeOfType<IntakeAnswer.Stored>();
        answers[1].ShouldBeOfType<IntakeAnswer.Unstorable>().Why.ShouldStartWith("23514");
        answers[2].ShouldBeOfType<IntakeAnswer.Stored>();
        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(2);
    }

    [Fact]
    public async Task Whoever_listens_is_told_of_each_source_once()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle);
        await using NpgsqlConnection listening = await middle.Database.OpenAsync(default);
        await using (var listen = new NpgsqlCommand("listen bridge", listening))
            await listen.ExecuteNonQueryAsync();
        List<string> heard = [];
        listening.Notification += (_, told) => heard.Add(told.Payload);
        using Bell bell = middle.Bells.Listen(Source);

        await intake.AcceptAsync(new IntakeRequest([new(Source, "{}"u8.ToArray()), new(Source, "{}"u8.ToArray()), new("callout b", "{}"u8.ToArray())]));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (heard.Count < 2)
            await listening.WaitAsync(limit.Token);

        heard.ShouldBe([Source, "callout b"], ignoreOrder: true);
        await bell.WaitAsync(TimeSpan.FromMinutes(1), limit.Token);
        limit.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_new_is_stored_and_told_apart_from_what_is_known_in_the_same_commit()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle);
        IntakeRequest known = RunningIntake.Request(Source, """{"n":1}""") with { IdempotencyKey = "mes/1" };
        IReadOnlyList<long> first = (await intake.AcceptAsync(known)).ShouldBeOfType<IntakeAnswer.Stored>().Ids;

        IntakeAnswer[] answers = await Task.WhenAll(
            intake.AcceptAsync(Source, """{"n":2}"""),
            intake.AcceptAsync(known),
            intake.AcceptAsync("callout never before", """{"n":3}"""),
            intake.AcceptAsync(RunningIntake.Request(Source, """{"n":9}""") with { IdempotencyKey = "mes/1" }),
            intake.AcceptAsync(Source, """{"n":4}"""));

        answers[1].ShouldBeOfType<IntakeAnswer.AlreadyStored>().Ids.ShouldBe(first);
        answers[3].ShouldBeOfType<IntakeAnswer.OtherBody>();
        foreach ((int answer, string n) in new[] { (0, "2"), (2, "3"), (4, "4") })
        {
            long id = answers[answer].ShouldBeOfType<IntakeAnswer.Stored>().Ids.Single();
            (await middle.ScalarAsync<string>($"select payload->>'n' from bridge.inbox where id = {id}")).ShouldBe(n);
        }
    }

    // Callers of two processes, some with keys they repeat; a reader behind the cursor.
    [Fact]
    public async Task A_reader_behind_the_cursor_misses_nothing_while_two_processes_take_in()
    {
        await using Middle middle = await Middle.StartAsync();
        await using Middle neighbour = middle.Beside();
        await using var intake = new RunningIntake(middle);
        await using var other = new RunningIntake(neighbour);
        using var writing = new CancellationTokenSource();
        Task<List<long>> reading = ReadBehindAsync(middle, writing.Token);

        await Task.WhenAll(Enumerable.Range(0, 32).Select(caller => CallAsync(caller % 2 == 0 ? intake : other, caller)));
        await writing.CancelAsync();

        (await reading).ShouldBe(await middle.ColumnAsync<long>($"select id from bridge.inbox where source = '{Source}' order by id"));
        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe((32 * 20) + (20 * 8));
    }

    private static async Task CallAsync(RunningIntake intake, int caller)
    {
        for (int n = 0; n < 20; n++)
        {
            (await intake.AcceptAsync(Source, $$"""{"caller":{{caller}},"n":{{n}}}""")).ShouldBeOfType<IntakeAnswer.Stored>();
            (await intake.AcceptAsync(RunningIntake.Request(Source, $$"""{"shared":{{n}}}""") with { IdempotencyKey = $"{caller % 8}/{n}" }))
                .ShouldNotBeOfType<IntakeAnswer.OtherBody>();
        }
    }

    private static async Task<List<long>> ReadBehindAsync(Middle middle, CancellationToken writing)
    {
        List<long> seen = [];
        bool wasWriting;
        do
        {
            wasWriting = !writing.IsCancellationRequested;
            List<long> next = await middle.ColumnAsync<long>(
                $"select id from bridge.inbox where source = '{Source}' and id > {(seen.Count == 0 ? 0 : seen[^1])} order by id limit 50");
            seen.AddRange(next);
            wasWriting |= next.Count > 0;
        }
        while (wasWriting);
        return seen;
    }

    private static NewMessage Notified(string id) =>
        new(Source, Encoding.UTF8.GetBytes($$"""{"notificationId":"{{id}}"}""")) { DedupeKey = id };

    private static string IdsOf(IntakeAnswer answer) => string.Join(',', answer switch
    {
        IntakeAnswer.Stored stored => stored.Ids,
        IntakeAnswer.AlreadyStored stored => stored.Ids,
        _ => throw new InvalidOperationException($"{answer} has no ids."),
    });
}
