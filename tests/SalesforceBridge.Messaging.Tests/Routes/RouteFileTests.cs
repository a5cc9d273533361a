using FsCheck;
using FsCheck.Fluent;

namespace SalesforceBridge.Messaging.Tests.Routes;

public sealed class RouteFileTests
{
    private const string Rows = "select 1 as \"Id\" from message";

    [Fact]
    public void The_example_of_the_design_is_a_route()
    {
        const string Sql = """
            select payload->>'Order_Id__c' as "Id",
                   'Accepted'              as "Status__c"
            from   message
            where  (payload->>'Amount__c')::numeric > 100
            """;

        RouteDefinition route = Defined($"""
            -- on:  event Order_Placed__e
            -- do:  update Order__c
            -- key: payload->>'Order_Id__c'
            {Sql}
            """);

        route.Name.ShouldBe("orders");
        route.Source.ToString().ShouldBe("event Order_Placed__e");
        route.Action.ShouldBe(new RouteAction.Deliver("update Order__c", DeliveryVerb.Update));
        route.KeyExpression.ShouldBe("payload->>'Order_Id__c'");
        (route.Sql, route.SqlLine).ShouldBe((Sql, 4));
    }

    [Fact]
    public void What_the_headers_leave_out_has_a_default()
    {
        RouteDefinition route = Defined("-- on: event A__e\ninsert into t select id from message;");

        route.Action.ShouldBe(new RouteAction.Execute(OncePerBatch: false));
        route.KeyExpression.ShouldBeNull();
        (route.From, route.Replay, route.Nulls).ShouldBe((RouteFrom.Now, RouteReplay.Tip, RouteNulls.Clear));
        (route.WhenDead, route.WhenInDoubt).ShouldBe((WhenDead.Continue, WhenInDoubt.Repeat));
        route.Retry.ShouldBe(new RouteRetry(12, TimeSpan.FromSeconds(5), TimeSpan.FromHours(1)));
        (route.Timeout, route.Batch, route.Was, route.Enabled).ShouldBe((TimeSpan.FromSeconds(30), 500, null, true));
        route.Bulk.ShouldBeNull();
    }

    [Fact]
    public void Every_header_has_a_say()
    {
        RouteDefinition route = Defined($"""
            -- On: change Account
            -- do: create Order__c
            -- from: earliest
            -- replay: earliest
            -- nulls: clear
            -- when  dead: hold
            -- when in doubt: repeat
            -- retry: 3 from 200ms to 2m
            -- timeout: 2m
            -- batch: 1000
            -- was: old-orders
            -- enabled: no
            -- bulk: yes
            -- together: yes
            {Rows}
            """);

        (route.From, route.Replay, route.Nulls).ShouldBe((RouteFrom.Earliest, RouteReplay.Earliest, RouteNulls.Clear));
        (route.WhenDead, route.WhenInDoubt).ShouldBe((WhenDead.Hold, WhenInDoubt.Repeat));
        route.Retry.ShouldBe(new RouteRetry(3, TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(2)));
        (route.Timeout, route.Batch, route.Was, route.Enabled).ShouldBe((TimeSpan.FromMinutes(2), 1000, "old-orders", false));
        route.Bulk.ShouldBe(true);
        route.Together.ShouldBeTrue();
    }

    [Theory]
    [InlineData("-- on: callout orders\n-- do: update A\n-- as: caller\n", true)]
    [InlineData("-- on: callout orders\n-- do: update A\n", false)]
    public void A_route_on_a_callout_may_act_as_its_caller(string headers, bool asCaller) => Defined(headers + Rows).AsCaller.ShouldBe(asCaller);

    [Fact]
    public void A_reply_has_less_time_and_keeps_headers_for_its_own_feature()
    {
        RouteDefinition route = Defined($"-- on: callout orders\n-- do: reply\n-- reply: one\n-- takes: Id text, Amount numeric?\n{Rows}");

        route.Timeout.ShouldBe(TimeSpan.FromSeconds(5));
        route.RepliesOne.ShouldBeTrue();
        route.Takes.ShouldBe([new RequestField("Id", "text", IsOptional: false), new RequestField("Amount", "numeric", IsOptional: true)]);
    }

    [Fact]
    public void A_value_is_taken_as_it_stands_after_the_first_colon()
    {
        RouteDefinition route = Defined($"--on:soql 5m: select Id from A where B = 'x: #y' \n-- do: update A\n-- key: \"a\"->>'b: c' || 'd' \n{Rows}");

        route.Source.Argument.ShouldBe("5m: select Id from A where B = 'x: #y'");
        route.KeyExpression.ShouldBe("\"a\"->>'b: c' || 'd'");
    }

    [Fact]
    public void Prose_blank_lines_crlf_and_a_byte_order_mark_do_not_matter()
    {
        RouteDefinition route = Defined("\uFEFF\r\n-- Orders over 100 are accepted: here.\r\n--\r\n-- https://example.com/wiki\r\n\r\n"
            + "-- on: event A__e\r\n\r\ndelete from t -- on: nothing\r\n");

        route.Source.ToString().ShouldBe("event A__e");
        (route.Sql, route.SqlLine).ShouldBe(("delete from t -- on: nothing\r\n", 8));
    }

    [Fact]
    public void Once_per_batch_is_asked_for() =>
        Defined("-- on: alert\n-- once per: batch\ninsert into t select id from message").Action.ShouldBe(new RouteAction.Execute(OncePerBatch: true));

    [Theory]
    [InlineData("", Misfire.Once)]
    [InlineData("-- misfire: once\n", Misfire.Once)]
    [InlineData("-- misfire: ALL\n", Misfire.All)]
    [InlineData("-- misfire: skip\n", Misfire.Skip)]
    public void A_route_on_a_schedule_says_what_becomes_of_missed_fires(string header, Misfire misfire) =>
        Defined($"-- on: every 5m\n{header}select 1 from message").Misfire.ShouldBe(misfire);

    [Fact]
    public void Every_fault_is_told_at_once_by_line()
    {
        RouteFile.Parse("Orders", """
            -- on: event Order
            -- dou: update Order__c
            -- batch: 50000
            -- from: yesterday
            -- batch: 10
            -- key:
            -- timeout: soon
            select $1 from message where (id = 1;
            select 'two
            """).Faults.ShouldBe(
            [
                "`Orders` is no name for a route; rename the file: a lower-case letter, then at most 62 lower-case letters, digits, - or _",
                "line 1: on: `Order` is not right here: it names a Platform Event whose name ends in __e (`event Order_Placed__e`); for a standard event write `channel /event/NAME`",
                "line 2: `dou:` is no header; did you mean `do`? (A remark up here has no colon after its first words.)",
                "line 3: batch: `50000` is not a whole number from 1 to 5000",
                "line 4: from: `yesterday` is not a choice; write `now` or `earliest`",
                "line 5: `batch:` stands on line 3 already; keep one of them",
                "line 6: `key:` has no value; write one after the colon or remove the line",
                "line 7: timeout: `soon` is no duration; write a whole number and ms, s, m, h or d (`30s`)",
                "line 8: $1 is a parameter and a route has none; take values from `message`",
                "line 8: this opening parenthesis is never closed",
                "line 9: a second statement follows a semicolon; a route is one statement, so remove what follows or make it a route of its own",
            ]);
    }

    [Theory]
    [InlineData("", "line 1: there is no `on:` header")]
    [InlineData("-- do: update A\nselect 1", "line 1: there is no `on:` header")]
    [InlineData("-- on:\nselect 1", "line 1: `on:` has no value")]
    [InlineData("-- on: alert\n", "line 2: there is no statement")]
    [InlineData("-- on: api publish\nselect 1", "line 1: on: `api` is the bridge's own source")]
    [InlineData("-- on: alert\n-- do: upsert A\nselect 1", "line 2: do: `upsert A` is not how `upsert` is written")]
    [InlineData("-- on: alert\n-- do: reply\nselect 1", "line 2: do: `reply` answers a callout and this route is on `alert`")]
    [InlineData("-- on: alert\n-- replay: tip\nselect 1", "line 2: `replay:` has a meaning only on event, change, topic, channel and connect-error")]
    [InlineData("-- on: alert\n-- nulls: omit\nselect 1", "line 2: `nulls:` has a meaning only where rows are sent")]
    [InlineData("-- on: alert\n-- do: update A\n-- once per: batch\nselect 1", "line 3: `once per:` has a meaning only where the statement is executed")]
    [InlineData("-- on: callout a\n-- do: reply\n-- retry: 3\nselect 1", "line 3: `retry:` has a meaning only where messages are kept")]
    [InlineData("-- on: callout a\n-- do: update A\n-- as: bridge\nselect 1", "line 3: as: `bridge` is not a choice; write `caller`")]
    [InlineData("-- on: callout a\n-- as: caller\nselect 1", "line 2: `as:` has a meaning only on callout where rows are sent to the org, whose session it is")]
    [InlineData("-- on: event A__e\n-- do: update A\n-- as: caller\nselect 1", "line 3: `as:` has a meaning only on callout where rows are sent to the org, whose session it is")]
    [InlineData("-- on: callout a from us\nselect 1", "line 1: on: `us` is not a choice; write `others` or `anyone`")]
    [InlineData("-- on: callout a from others\n-- do: reply\nselect 1", "line 1: on: `from` asks whose callouts wake a route, and a reply answers all of them")]
    [InlineData("-- on: alert\n-- misfire: once\nselect 1", "line 2: `misfire:` has a meaning only on cron and every")]
    [InlineData("-- on: every 5m\n-- misfire: never\nselect 1", "line 2: misfire: `never` is not a choice")]
    [InlineData("-- on: alert\n-- deletes: yes\nselect 1", "line 2: `deletes:` has a meaning only on soql")]
    [InlineData("-- on: soql 5m: select Id from A\n-- deletes: maybe\nselect 1", "line 2: deletes: `maybe` is not a choice; write `yes` or `no`")]
    [InlineData("-- on: alert\n-- retry: 0\nselect 1", "line 2: retry: `0` is not a whole number from 1 to 100")]
    [InlineData("-- on: alert\n-- retry: 5 from 1h to 5s\nselect 1", "line 2: retry: the longest wait `5s` is shorter")]
    [InlineData("-- on: alert\n-- retry: often\nselect 1", "line 2: retry: `often` is not a whole number")]
    [InlineData("-- on: alert\n-- retry: 3 times\nselect 1", "line 2: retry: `3 times` is no retry")]
    [InlineData("-- on: alert\n-- timeout: 2h\nselect 1", "line 2: timeout: `2h` is out of range; write 10ms to 1h")]
    [InlineData("-- on: alert\n-- was: orders\nselect 1", "line 2: was: `orders` is the route's name now")]
    [InlineData("-- on: alert\n-- was: Old\nselect 1", "line 2: was: `Old` is no route's name")]
    [InlineData("-- on: alert\n-- enabled: maybe\nselect 1", "line 2: enabled: `maybe` is not a choice; write `yes` or `no`")]
    [InlineData("-- on: alert\n-- Note: a remark\nselect 1", "line 2: `note:` is no header")]
    [InlineData("-- on: alert\n-- key: a) , (b\nselect 1", "line 2: key: this closing parenthesis has no opening one")]
    [InlineData("-- on: alert\n-- key: a -- b\nselect 1", "line 2: key: the expression ends in a semicolon or a comment")]
    [InlineData("-- on: alert\n-- key: a;\nselect 1", "line 2: key: the expression ends in a semicolon or a comment")]
    [InlineData("-- on: alert\n-- key: $1\nselect 1", "line 2: key: $1 is a parameter")]
    [InlineData("-- on: alert\n-- do: update A\ndelete from t", "line 3: `delete` yields no rows for `update A`")]
    [InlineData("-- on: alert\ndrop table t", "line 2: `drop` cannot stand after `with message as ...`")]
    [InlineData("-- on: alert\nselect '\0'", "line 2: a NUL character")]
    public void A_fault_names_its_line(string text, string fault)
    {
        RouteFile file = RouteFile.Parse("orders", text);

        file.Definition.ShouldBeNull();
        file.Faults.ShouldContain(one => one.StartsWith(fault, StringComparison.Ordinal), string.Join('\n', file.Faults));
    }

    [Fact]
    public void Whatever_a_file_holds_it_yields_a_definition_or_faults()
    {
        string[] pieces = ["-- ", "on", "do", "key", "when dead", ": ", ":", "event A__e", "update A", "soql 5m:", "cron", "\n", "\r\n", "select", " 1", "'", "(", ")", ";", "$", "$1", "\0", "é"];
        var texts = Gen.ArrayOf(Gen.Elements(pieces)).Select(string.Concat).ToArbitrary();

        Prop.ForAll(texts, text =>
        {
            RouteFile file = RouteFile.Parse("orders", text);
            return file.Definition is null == file.Faults.Count > 0;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Waits_double_up_to_the_longest_until_the_tries_are_spent()
    {
        var retry = new RouteRetry(6, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30));

        Enumerable.Range(1, 6).Select(retry.WaitAfter).ShouldBe(
            [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), null]);
        new RouteRetry(100, TimeSpan.FromDays(7), TimeSpan.FromDays(7)).WaitAfter(99).ShouldBe(TimeSpan.FromDays(7));
    }

    private static RouteDefinition Defined(string text)
    {
        RouteFile file = RouteFile.Parse("orders", text);
        file.Faults.ShouldBeEmpty();
        return file.Definition.ShouldNotBeNull();
    }
}
