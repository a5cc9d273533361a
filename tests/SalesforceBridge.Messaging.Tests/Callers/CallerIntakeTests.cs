using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Callers;

/// <summary>A caller is kept if, and only if, messages of its own are.</summary>
public sealed class CallerIntakeTests
{
    private const string Source = "callout orders";

    [Fact]
    public async Task A_caller_is_stored_with_its_messages_for_two_hours()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle);

        await intake.AcceptAsync(RunningIntake.Request(Source, "{}", "{}") with { Caller = middle.Seal.Seal("005A", "token-of-ann") });

        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox i join bridge.caller c on c.id = i.caller and c.user_id = '005A'")).ShouldBe(2);
        (await middle.ScalarAsync<bool>("select expires_at - clock_timestamp() between interval '119 minutes' and interval '2 hours' from bridge.caller")).ShouldBeTrue();
        (await middle.ScalarAsync<bool>("select position('token-of-ann'::bytea in token) = 0 from bridge.caller")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_repeated_request_is_known_though_its_caller_is_sealed_anew_and_stores_none()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle);
        IntakeRequest Sent(string body) => RunningIntake.Request(Source, body) with { IdempotencyKey = "mes/1", Caller = middle.Seal.Seal("005A", "token") };

        IntakeAnswer first = await intake.AcceptAsync(Sent("""{"n":1}"""));
        IntakeAnswer second = await intake.AcceptAsync(Sent("""{"n":1}"""));
        IntakeAnswer other = await intake.AcceptAsync(Sent("""{"n":2}"""));

        second.ShouldBeOfType<IntakeAnswer.AlreadyStored>().Ids.ShouldBe(first.ShouldBeOfType<IntakeAnswer.Stored>().Ids);
        other.ShouldBeOfType<IntakeAnswer.OtherBody>();
        (await middle.ScalarAsync<long>("select count(*) from bridge.caller")).ShouldBe(1);
    }

    [Fact]
    public async Task The_same_key_a_hundred_times_at_once_stores_one_caller()
    {
        await using Middle middle = await Middle.StartAsync();
        await using Middle neighbour = middle.Beside();
        await using var intake = new RunningIntake(middle);
        await using var other = new RunningIntake(neighbour);

        await Task.WhenAll(Enumerable.Range(0, 100).Select(n => (n % 2 == 0 ? intake : other).AcceptAsync(
            RunningIntake.Request(Source, "{}") with { IdempotencyKey = "mes/1", Caller = middle.Seal.Seal("005A", "token") })));

        (await middle.ScalarAsync<long>("select count(*) from bridge.caller c join bridge.inbox i on i.caller = c.id")).ShouldBe(1);
        (await middle.ScalarAsync<long>("select count(*) from bridge.caller")).ShouldBe(1);
    }

    [Fact]
    public async Task Requests_with_and_without_callers_share_commits_and_each_keeps_its_own()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle);

        await Task.WhenAll(Enumerable.Range(0, 90).Select(n => intake.AcceptAsync(RunningIntake.Request(Source, $$"""{"u":"005{{n}}"}""") with
        {
            Caller = n % 3 == 0 ? null : middle.Seal.Seal($"005{n}", "token"),
        })));

        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox i join bridge.caller c on c.id = i.caller and c.user_id = i.payload->>'u'")).ShouldBe(60);
        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox where caller is null")).ShouldBe(30);
        (await middle.ScalarAsync<long>("select count(*) from bridge.caller")).ShouldBe(60);
    }

    [Fact]
    public async Task Messages_that_are_kept_as_they_came_keep_their_caller()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle);

        await intake.AcceptAsync(RunningIntake.Request(Source, """{"n":"\u0000"}""") with { Caller = middle.Seal.Seal("005A", "token") });

        (await middle.ScalarAsync<bool>("select i.fault is not null from bridge.inbox i join bridge.caller c on c.id = i.caller")).ShouldBeTrue();
    }
}
