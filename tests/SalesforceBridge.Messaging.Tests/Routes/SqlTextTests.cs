
namespace SalesforceBridge.Messaging.Tests.Routes;

public sealed class SqlTextTests
{
    [Theory]
    [InlineData("select 1;", "select 1 ")]
    [InlineData("select 1", "select 1")]
    [InlineData("select 1; -- the end; really", "select 1  -- the end; really")]
    [InlineData("select ';' ; /* ; */", "select ';'   /* ; */")]
    [InlineData("select $$;$$, $a$;$$;$a$", "select $$;$$, $a$;$$;$a$")]
    [InlineData("select E'\\';' as \"a;\"", "select E'\\';' as \"a;\"")]
    public void Only_the_semicolon_that_ends_the_statement_is_taken_away(string text, string statement)
    {
        var sql = SqlText.Read(text);

        sql.Faults.ShouldBeEmpty();
        sql.Statement.ShouldBe(statement);
        sql.Text.ShouldBe(text);
    }

    [Theory]
    [InlineData("", 1, "there is no statement")]
    [InlineData("-- nothing\n/* here */ ;", 1, "there is no statement")]
    [InlineData("select 1;\nselect 2", 2, "a second statement")]
    [InlineData("select 1;;", 1, "a second statement")]
    [InlineData("select *\nfrom message where id = $1", 2, "$1 is a parameter")]
    [InlineData("select 'abc", 1, "the string that starts here never ends")]
    [InlineData("select 1,\nE'abc\\'", 2, "the string that starts here never ends")]
    [InlineData("select \"abc", 1, "the quoted name that starts here never ends")]
    [InlineData("select $a$abc$$", 1, "the dollar-quoted string that starts here never ends")]
    [InlineData("select 1 /* /* */", 1, "the comment that starts here never ends")]
    [InlineData("select (1", 1, "this opening parenthesis is never closed")]
    [InlineData("select 1\n)", 2, "this closing parenthesis has no opening one")]
    public void Text_that_is_not_one_whole_statement_has_a_fault_with_its_line(string text, int line, string what)
    {
        SqlFault fault = SqlText.Read(text).Faults.ShouldHaveSingleItem();

        fault.Line.ShouldBe(line);
        fault.What.ShouldStartWith(what);
    }

    [Fact]
    public void All_faults_are_told_in_the_order_of_lines()
    {
        var sql = SqlText.Read("select (\n$1,\n$2;\nselect 3");

        sql.Faults.Select(fault => fault.Line).ShouldBe([1, 2, 3, 4]);
        (sql.HasParameters, sql.HasSecondStatement, sql.IsEmpty).ShouldBe((true, true, false));
    }

    [Theory]
    [InlineData("with a as (select 1) select * from a", true, false, "with")]
    [InlineData("/* a */ -- b\n WITH /* c */ RECURSIVE a as (select 1) select * from a", true, true, "with")]
    [InlineData("((with recursive a as (select 1) select * from a) limit 1)", true, true, "(")]
    [InlineData("((with a as (select 1) select * from a) union select 2)", false, false, "(")]
    [InlineData("with recursive as (select 1) select * from recursive", true, false, "with")]
    [InlineData("\"with\" a", false, false, "\"")]
    [InlineData("withal", false, false, "withal")]
    [InlineData("with recursively as (select 1) select 1", true, false, "with")]
    public void The_beginning_of_a_statement_is_known(string text, bool with, bool recursive, string firstWord)
    {
        var sql = SqlText.Read(text);

        (sql.BeginsWithWith, sql.BeginsWithRecursive, sql.FirstWord).ShouldBe((with, recursive, firstWord));
    }

    [Fact]
    public void Text_with_a_fault_is_not_composed()
    {
        var sql = SqlText.Read(") r, lateral (select rolname from pg_roles");

        Should.Throw<InvalidOperationException>(sql.AsSubquery).Message.ShouldContain("line 1: this closing parenthesis has no opening one");
        Should.Throw<InvalidOperationException>(() => sql.WithMessage(SqlJudge.MessageCte));
    }
}
