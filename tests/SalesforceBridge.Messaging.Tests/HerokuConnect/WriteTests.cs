using System.Text;
using SalesforceBridge.Messaging.Tests.Drivers;
using SalesforceBridge.Messaging.Tests.Tables;

namespace SalesforceBridge.Messaging.Tests.HerokuConnect;

/// <summary>Routes write to mapped tables as an app does, whatever their session was before.</summary>
public sealed class WriteTests
{
    // As Connect makes it: the function is called by its bare name, and only what an app writes is captured.
    private const string Triggers = """
        create function public.get_xmlbinary() returns text language sql as $$ select setting from pg_settings where name = 'xmlbinary' $$;
        create function org.hc_contact_logger() returns trigger language plpgsql as $$
        begin
            insert into org._trigger_log (state, action, table_name, record_id) values ('NEW', tg_op, 'contact', new.id);
            return null;
        end $$;
        create function org.hc_contact_status() returns trigger language plpgsql as $$
        begin
            if get_xmlbinary() = 'base64' then new._hc_lastop := 'PENDING'; end if;
            return new;
        end $$;
        create trigger hc_contact_status_trigger before insert or update on org.contact for each row execute function org.hc_contact_status();
        create trigger hc_contact_logtrigger after insert or update on org.contact for each row when (get_xmlbinary() = 'base64') execute function org.hc_contact_logger();
        """;

    private const string Asks = "-- on: event Ask__e\ninsert into seen values (current_setting('xmlbinary'), current_setting('search_path'))";

    [Theory]
    [InlineData("Search Path=org")]
    [InlineData("Search Path=org,nowhere")]
    [InlineData("Options='-c search_path=\"\"'")]
    [InlineData("")]
    public async Task A_write_reaches_Connects_log_where_the_search_path_has_no_public(string settings)
    {
        await using Connection connection = await OpenAsync();
        await using Middle odd = connection.Middle.Beside(settings: settings);
        Route writes = Middle.Route("writes", "-- on: event Ask__e\nupdate org.contact set email = payload->>'email' from message where email is distinct from payload->>'email'");
        Route handles = Middle.Handler("handles", "-- on: event Other__e", async (_, transaction, ct) =>
        {
            await using var insert = new Npgsql.NpgsqlCommand("insert into org.contact (email) values ('h')", transaction.Connection);
            await insert.ExecuteNonQueryAsync(ct);
        });
        await connection.ExecuteAsync("insert into org.contact (email) values ('old'); truncate org._trigger_log");
        await using RunningWorker worker = await odd.RunAsync(writes, handles);

        await connection.Middle.AcceptAsync("event Ask__e", """{"email":"new"}""", """{"email":"new"}""");
        await connection.Middle.UntilAsync("select count(*) = 1 from org._trigger_log");
        await connection.Middle.AcceptAsync("event Other__e", "{}");

        await connection.Middle.UntilAsync("select count(*) = 2 from org._trigger_log");
        (await connection.Middle.ColumnAsync<string>("select action from org._trigger_log order by id")).ShouldBe(["UPDATE", "INSERT"]);
        (await connection.Middle.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
        (await new RouteTrial(odd.Database, new RouteCheck(odd.Database)).WithPayloadAsync(writes, """{"email":"tried"}"""u8.ToArray(), default))
            .ShouldBeOfType<TrialOutcome.Changes>().Rows.ShouldBe(2);
    }

    [Fact]
    public async Task A_search_path_without_public_stays_as_it_is_where_Connect_is_not()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create schema app; create table app.seen (xmlbinary text, path text)");
        await using Middle odd = middle.Beside(settings: "Search Path=app");
        await using RunningWorker worker = await odd.RunAsync(Middle.Route("asks", Asks));

        await middle.AcceptAsync("event Ask__e", "{}");

        await middle.UntilAsync("select count(*) = 1 from app.seen");
        (await middle.ScalarAsync<string>("select path from app.seen")).ShouldBe("app");
    }

    [Fact]
    public async Task Routes_run_where_their_user_may_not_use_the_schema_public()
    {
        await using Shop shop = await Shop.OpenAsync();
        await shop.ExecuteAsync("revoke usage on schema public from public");
        await using Clerk clerk = await Clerk.HireAsync(shop, "insert");
        await using Middle restricted = shop.Middle.Beside(settings: $"Username={clerk.Name}");
        await using RunningWorker worker = await restricted.RunAsync(Middle.Route("writes", "-- on: event Ask__e\ninsert into salesforce.contact (id, email) select 1, payload->>'email' from message"));

        await shop.Middle.AcceptAsync("event Ask__e", """{"email":"a"}""");

        await shop.Middle.UntilAsync("select count(*) = 1 from salesforce.contact");
    }

    [Theory]
    [InlineData("true", "")]
    [InlineData("false", "")]
    [InlineData("true", "No Reset On Close=true")]
    [InlineData("false", "No Reset On Close=true")]
    public async Task What_a_route_sets_for_its_session_or_transaction_is_there_for_no_other_route_and_no_reply(string isLocal, string settings)
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table public.seen (xmlbinary text, path text); create table public.sets (value text)");
        await using Middle pooled = middle.Beside(settings: $"{settings};Maximum Pool Size=3");
        Route sets = Middle.Route("sets", $"-- on: event Set__e\n-- batch: 1\ninsert into sets select set_config('xmlbinary', 'hex', {isLocal}) from message");
        Route replies = Middle.Route("replies", "-- on: callout asks\n-- do: reply\nselect current_setting('xmlbinary') as value");
        await using RunningWorker worker = await pooled.RunAsync(sets, Middle.Route("asks", $"-- batch: 1\n{Asks}"));
        using var spare = new SpareConnection();
        var answers = new Replies(pooled.Database, new RouteCheck(pooled.Database), spare, TimeProvider.System);

        for (int n = 1; n <= 20; n++)
        {
            await middle.AcceptAsync("event Set__e", "{}");
            await middle.AcceptAsync("event Ask__e", "{}");
            await middle.UntilAsync($"select (select count(*) from seen) = {n} and (select count(*) from sets) = {n}");
            (await answers.AskAsync(replies, Encoding.UTF8.GetBytes("{}"), default)).ShouldBeOfType<ReplyOutcome.Answer>().Json.ShouldBe("""[{"value": "base64"}]""");
        }

        (await middle.ColumnAsync<string>("select distinct xmlbinary from seen")).ShouldBe(["base64"]);
        (await middle.ColumnAsync<string>("select distinct value from sets")).ShouldBe(["hex"]);
    }

    private static async Task<Connection> OpenAsync()
    {
        Connection connection = await Connection.OpenAsync();
        await connection.ExecuteAsync(Triggers);
        return connection;
    }
}
