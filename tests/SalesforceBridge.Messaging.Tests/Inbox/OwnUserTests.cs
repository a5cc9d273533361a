using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Inbox;

public sealed class OwnUserTests
{
    private const string Source = "callout orders";
    private const string Org = "00D000000000001EAA";
    private const string Own = "005000000000001AAA";
    private const string Somebody = "005000000000002AAA";

    [Theory]
    [InlineData(Own, "bridge")]
    [InlineData("005000000000001", "bridge")]
    [InlineData(Somebody, null)]
    [InlineData(null, null)]
    public async Task What_the_bridges_own_user_did_has_the_bridge_for_its_origin(string? userId, string? origin)
    {
        await using Middle middle = await ActingAsync(Own);
        await using var intake = new RunningIntake(middle);

        // One message goes one way into the inbox, and several of one request, or with something unusual, another.
        await intake.AcceptAsync(RunningIntake.Request(Source, "{}") with { UserId = userId });
        await intake.AcceptAsync(RunningIntake.Request(Source, "{}") with { UserId = userId });
        await intake.AcceptAsync(RunningIntake.Request(Source, "{}", """{"n":"\u0000"}""") with { UserId = userId, IdempotencyKey = "mes/1" });

        (await middle.ColumnAsync<string?>("select coalesce(origin, '-') from bridge.inbox")).ShouldBe(Enumerable.Repeat(origin ?? "-", 4));
    }

    [Fact]
    public async Task Of_requests_that_share_a_commit_each_has_its_own()
    {
        await using Middle middle = await ActingAsync(Own);
        await using var intake = new RunningIntake(middle);

        await Task.WhenAll(new[] { Own, Somebody, null, Own, Somebody }.Select((user, n) =>
            intake.AcceptAsync(RunningIntake.Request(Source, $$"""{"user":"{{user}}"}""", $$"""{"user":"{{user}}"}""") with { UserId = user })));

        (await middle.ScalarAsync<long>($"select count(*) from bridge.inbox where origin = 'bridge' and payload->>'user' = '{Own}'")).ShouldBe(4);
        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox where origin is null")).ShouldBe(6);
    }

    [Fact]
    public async Task Nobody_is_the_bridge_before_it_has_acted_and_after_a_rebind()
    {
        await using Middle middle = await Middle.StartAsync();
        await using var intake = new RunningIntake(middle);
        await intake.AcceptAsync(RunningIntake.Request(Source, "{}") with { UserId = Own });
        await ActAsync(middle, Own);
        await new OrgRebind(middle.Database).RunAsync("00D000000000002EAA", new NewBeginnings("-1", "now"), default);

        await intake.AcceptAsync(RunningIntake.Request(Source, "{}") with { UserId = Own });

        (await middle.ScalarAsync<long>("select count(*) from bridge.inbox where origin is null")).ShouldBe(2);
    }

    [Fact]
    public async Task The_user_that_acted_last_is_the_bridge()
    {
        await using Middle middle = await ActingAsync(Somebody);
        await ActAsync(middle, Own);

        (await new OrgBinding(middle.Database).FindAsync(default))!.UserId.ShouldBe(Own);
    }

    [Fact]
    public async Task What_the_bridge_did_does_not_wake_a_route_that_may_have_done_it()
    {
        await using Middle middle = await ActingAsync(Own);
        await middle.ExecuteAsync("create table heard (route text, n text)");
        Route[] routes =
        [
            Sends("sends", ""), Sends("others", " from others"), Sends("anyone", " from anyone"),
            Hears("hears", ""), Hears("hears-others", " from others"),
            Middle.Route("asks", $"-- on: {Source}\n-- do: request erp\nselect payload->>'n' as \"n\" from message"),
        ];
        await middle.EnrolAsync(routes);
        await using var intake = new RunningIntake(middle);
        await intake.AcceptAsync(RunningIntake.Request(Source, """{"n":"own"}""") with { UserId = Own });
        await intake.AcceptAsync(RunningIntake.Request(Source, """{"n":"somebody's"}""") with { UserId = Somebody });

        await using RunningWorker worker = await middle.RunAsync(routes);
        await middle.UntilAsync("select count(*) = 6 from bridge.cursor where name like 'route % on %' and position = (select max(id)::text from bridge.inbox)");

        (await SentAsync("sends")).ShouldBe(["somebody's"]);
        (await SentAsync("others")).ShouldBe(["somebody's"]);
        (await SentAsync("anyone")).ShouldBe(["own", "somebody's"]);
        (await SentAsync("asks")).ShouldBe(["own", "somebody's"]);
        (await middle.ColumnAsync<string>("select route || ' ' || n from heard order by 1")).ShouldBe(["hears own", "hears somebody's", "hears-others somebody's"]);

        Task<List<string>> SentAsync(string lane) => middle.ColumnAsync<string>($"select coalesce(body->>'n', body->>'Name') from bridge.outbox where lane = '{lane}' order by id");
    }

    private static Route Sends(string name, string from) =>
        Middle.Route(name, $"-- on: {Source}{from}\n-- do: create Account\nselect payload->>'n' as \"Name\" from message");

    private static Route Hears(string name, string from) =>
        Middle.Route(name, $"-- on: {Source}{from}\ninsert into heard select '{name}', payload->>'n' from message");

    private static async Task<Middle> ActingAsync(string userId)
    {
        Middle middle = await Middle.StartAsync();
        await ActAsync(middle, userId);
        return middle;
    }

    private static async Task ActAsync(Middle middle, string userId)
    {
        var binding = new OrgBinding(middle.Database);
        await binding.BindAsync(Org, default);
        await binding.ActAsAsync(userId, default);
    }
}
