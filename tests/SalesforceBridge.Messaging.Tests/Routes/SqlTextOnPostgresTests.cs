using FsCheck;
using FsCheck.Fluent;

namespace SalesforceBridge.Messaging.Tests.Routes;

public sealed class SqlTextOnPostgresTests(SqlJudge server) : IClassFixture<SqlJudge>
{
    private static readonly string[] Pieces =
    [
        "'", "''", "'a'", "E'", "e'b\\''", "\\", "\\'", "U&'c'", "u&\"d\"", "b'01'", "n'e'", "\"", "\"\"", "\"f\"", "$$", "$", "$t$", "$T$", "$é$", "$1", "$1$",
        "x", "E", "é", "x$$y", "--", "-", "/*", "*/", "*", "/", "\n", "\r", " ", "\t", "\f", ";", "(", ")", "1", "1.5", ",", "+", "||", "as", "\u00a0",
    ];

    /// <summary>A valid literal with the text that it stands for.</summary>
    private static readonly Gen<(string Sql, string Text)> Literal =
        from parts in Gen.Resize(Gen.ArrayOf(Gen.Elements("'", "\\", ";", "--", "/*", "*/", "$$", "$t$", "\"", "\n", "é", "😀", "a", ")", "(")), 6)
        let text = string.Concat(parts)
        from sql in Gen.Elements(
            $"'{text.Replace("'", "''")}'",
            $"E'{text.Replace("\\", "\\\\").Replace("'", "\\'")}'",
            $"E'{text.Replace("\\", "\\\\").Replace("'", "''")}'",
            $"E'' -- ' ; \n \t 'x\\'' || '{text.Replace("'", "''")}'",
            $"$tag$ {text.Replace("$", "")}$tag$")
        select (sql, sql[0] switch { '$' => $" {text.Replace("$", "")}", 'E' when sql[2] == '\'' && sql.Contains("|| '") => $"x'{text}", _ => text });

    private static readonly Gen<string> Gap = Gen.Elements(" ", "\n", "\t", " -- it's; )\n", "/* it's; /* ) */ $$ */", "\r\n", " --\r");

    public static TheoryData<string> Selects =>
    [
        "select id from message",
        "select id from message;",
        "select id from message -- trailing",
        "select id from message; -- trailing; with a semicolon",
        "-- leading;\nselect id from message\r\n;\r\n\r\n/* the end */",
        "with m as (select * from message) select id from m order by id desc;",
        "with recursive n as (select 1 as i union all select i + 1 from n where i < 3) select i, id from n, message",
        "(select id from message order by id limit 2) union all (select -id from message) order by 1 limit 3;",
        "(with m as (select * from message) select count(*) as n from m);",
        "((with recursive m as (select * from message) select id from m order by 1) limit 2) offset 1;",
        "(with m as (select * from message where id = 1) select id from m) union (with x as (select 7) select * from x) except select id from message where id = 3",
        "((with m as (select * from message) select id from m) union select 9) order by 1 limit (select count(*) from message)",
        "with recursive(a) as (select id from message) select a from recursive",
        "values (1, ';'), (2, ')');",
        "select ';' as a, $$;$$ as b, $x$ ; $$ ') $x$ as c from message",
        "/* a /* nested ; */ -- ' */ select id from message /* ; ) */",
        "select E'it\\'s; --' as a, E'a' -- ;\n 'b\\'c;' as b from message",
        "select U&'\\00e9;' as \"é;--\", 'ü' as ü, U&'!00e9' uescape '!' as c",
        "select 1 as \"a\"\"; --b\", 'a''; --b' as \"c)\"",
        "select '--' || '/*' as x, 5 */* c */ 2 as y, 4 - -- c\n - 2 as z",
        "select $a$ $b$ $ab$a$ as x, $é$;$é$ as y, x$$y from (select 1 as x$$y) q",
        "select payload->>'v' as v, payload ? 'v' as q, payload @> '{}' as c, '{a:b}'::text as p from message order by id",
        "select generate_series(1, 2) as n, id from message;--",
        "select id from message order by id for update",
        "table stored;",
    ];

    public static TheoryData<string> Dml =>
    [
        "insert into target select id, payload->>'v' from message where id > 1;",
        "insert into target select id, 'new;' from message on conflict (id) do update set v = excluded.v -- done",
        "update target t set v = m.payload->>'v' from message m where m.id = t.id; -- done;",
        "delete from target where id in (select id from message)",
        "with m as (select id, payload from message where id = 2) insert into target select id, $$with;$$ from m;",
        "/* why */ WITH -- how\n m as (select 1 as id) update target set v = 'x' from m, message where target.id = message.id and m.id = message.id",
        "with recursive n as (select 10 as i union all select i + 1 from n where i < 12) insert into target select i, 'n' from n",
        "with/**/recursive/**/n as (select 10 as i) insert into target select i + id, 'n' from n, message returning *;",
        "with recursive as (select 20 as i) insert into target select i + id, 'a CTE named recursive' from recursive, message",
        "merge into target t using message m on m.id = t.id when matched then delete when not matched then insert values (m.id, 'merged');",
        "with target_of as (insert into target select id, 'in a CTE' from message where id > 1 returning id) select * from target_of;",
        "(with made as (insert into target values (5, 'in parentheses') returning id) select made.id from made, message);",
    ];

    [Theory]
    [MemberData(nameof(Selects))]
    public async Task A_select_in_a_subquery_yields_what_it_yields_alone(string text)
    {
        var sql = SqlText.Read(text);
        sql.Faults.ShouldBeEmpty();

        List<string> alone = await server.RowsAloneAsync(text);

        alone.ShouldNotBeEmpty();
        (await server.RowsAloneAsync($"select q.* from {sql.AsSubquery()} q where true")).ShouldBe(alone);
        (await server.RowsAsync($"with {SqlJudge.MessageCte} select q.* from {sql.AsSubquery()} q where true")).ShouldBe(alone);
    }

    [Theory]
    [MemberData(nameof(Dml))]
    public async Task DML_with_its_message_does_what_it_does_alone(string text)
    {
        var sql = SqlText.Read(text);
        sql.Faults.ShouldBeEmpty();

        List<string> alone = await server.TargetAfterAloneAsync(text);

        alone.ShouldNotBe(["id=1|v=old"]);
        (await server.TargetAfterAsync(sql.WithMessage(SqlJudge.MessageCte))).ShouldBe(alone);
    }

    [Theory]
    [MemberData(nameof(Selects))]
    public async Task A_select_with_its_message_yields_what_it_yields_alone(string text)
    {
        (await server.RowsAsync(SqlText.Read(text).WithMessage(SqlJudge.MessageCte))).ShouldBe(await server.RowsAloneAsync(text));
    }

    [Fact]
    public async Task Text_that_would_escape_its_parentheses_has_a_fault_and_the_server_refuses_it_alone()
    {
        const string Escaping = ") r, lateral (select rolname from pg_roles";

        SqlText.Read(Escaping).Faults.ShouldNotBeEmpty();
        (await server.AcceptsAsync(Escaping)).ShouldBeFalse();
        (await server.AcceptsAsync($"select * from (select 1\n{Escaping}\n) q")).ShouldBeTrue();
    }

    [Fact]
    public async Task Nasty_literals_and_comments_arrive_composed_as_they_stand_alone()
    {
        Gen<(string Text, string Expected)> statements =
            from a in Literal
            from b in Literal
            from gaps in Gen.ArrayOf(Gap, 5)
            from end in Gen.Elements("", ";", ";--", "; /* ; */ -- ;", "--;")
            select ($"{gaps[0]}select{gaps[1]}{a.Sql}{gaps[2]}as{gaps[3]}a,{b.Sql}as\"b;\"{gaps[4]}{end}", $"a={a.Text}|b;={b.Text}");

        foreach ((string text, string expected) in statements.Sample(500, 6))
        {
            var sql = SqlText.Read(text);
            sql.Faults.ShouldBeEmpty(text);
            (await server.RowsAsync(text)).ShouldBe([expected], text);
            (await server.RowsAsync($"select * from {sql.AsSubquery()} q")).ShouldBe([expected], text);
            (await server.RowsAsync(sql.WithMessage(SqlJudge.MessageCte))).ShouldBe([expected], text);
        }
    }

    [Fact]
    public async Task Whatever_has_no_fault_is_valid_composed_just_when_it_is_valid_alone()
    {
        Gen<string> soups = from pieces in Gen.Resize(Gen.ArrayOf(Gen.Elements(Pieces)), 8) select $"select '' || {string.Concat(pieces)}";
        int valid = 0;

        foreach (string text in soups.Sample(3_000, 8))
        {
            var sql = SqlText.Read(text);
            bool alone = await server.AcceptsAsync(text);
            if (sql.Faults.Count == 0)
            {
                valid += alone ? 1 : 0;
                (await server.AcceptsAsync($"select count(*) from {sql.AsSubquery()} q")).ShouldBe(alone, text);
            }
            else if (alone)
            {
                // The server alone overlooks empty statements.
                sql.Faults.ShouldHaveSingleItem(text).What.ShouldStartWith("a second statement", customMessage: text);
            }
        }

        valid.ShouldBeGreaterThan(20);
    }
}
