namespace SalesforceBridge.Messaging.Tests.HerokuConnect;

/// <summary>A failed write is sent again with what the row holds now, or refused with a reason.</summary>
public sealed class RetryTests
{
    private const string Sfid = "003000000000001AAA";

    [Theory]
    [InlineData(false, "IGNORED")]
    [InlineData(true, "REQUEUED")]
    public async Task An_update_is_captured_anew_with_the_current_values_of_the_columns_that_it_wrote(bool archived, string settled)
    {
        await using Connection connection = await Connection.OpenAsync();
        await connection.ExecuteAsync($"insert into org.contact (sfid, email, phone) values ('{Sfid}', 'now', '7')");
        int id = await FailedAsync(connection, "UPDATE", archived, columns: ", sfid, \"values\"", values: $", '{Sfid}', '\"email\"=>\"then\", \"gone\"=>\"1\"'");

        var done = (await RetryAsync(connection, id)).ShouldBeOfType<HerokuConnectRetryOutcome.Captured>();

        (done.Operation, done.Columns).ShouldBe(("update", done.Columns));
        done.Columns.ShouldBe(["email"]);
        (await connection.Middle.ColumnAsync<string>("select concat_ws(' ', state, action, record_id, \"values\") from org._trigger_log where id = " + done.NewId))
            .ShouldBe(["NEW UPDATE 1 \"email\"=>\"now\""]);
        (await StateAsync(connection, id)).ShouldBe(settled);
        (await RetryAsync(connection, id)).ShouldBeOfType<HerokuConnectRetryOutcome.Refused>().Why.ShouldBe($"Row {id} stands at {settled} and not at FAILED, so there is nothing to retry.");
    }

    [Theory]
    [InlineData("INSERT")]
    [InlineData("UPDATE")]
    public async Task A_row_that_never_reached_the_org_is_inserted_whatever_failed(string action)
    {
        await using Connection connection = await Connection.OpenAsync();
        await connection.ExecuteAsync("insert into org.contact (email) values ('now')");
        int id = await FailedAsync(connection, action, archived: false, columns: ", \"values\"", values: ", '\"email\"=>\"then\"'");

        var done = (await RetryAsync(connection, id)).ShouldBeOfType<HerokuConnectRetryOutcome.Captured>();

        done.Operation.ShouldBe("insert");
        (await connection.Middle.ScalarAsync<bool>($"select \"values\"::hstore -> 'email' = 'now' and action = 'INSERT' from org._trigger_log where id = {done.NewId}")).ShouldBeTrue();
        int again = await FailedAsync(connection, "UPDATE", archived: false);
        (await RetryAsync(connection, again)).ShouldBeOfType<HerokuConnectRetryOutcome.Refused>().Why
            .ShouldBe("An insert of the row 1 of org.contact waits to be sent already; see what becomes of it first.");
    }

    [Fact]
    public async Task A_delete_is_put_back_in_the_log_and_copied_from_the_archive()
    {
        await using Connection connection = await Connection.OpenAsync();
        int live = await FailedAsync(connection, "DELETE", archived: false, columns: ", sfid", values: $", '{Sfid}'");
        int archived = await FailedAsync(connection, "DELETE", archived: true, columns: ", sfid, old", values: $", '{Sfid}', '\"email\"=>\"x\"'");

        (await RetryAsync(connection, live)).ShouldBeOfType<HerokuConnectRetryOutcome.Captured>().NewId.ShouldBeNull();
        long? copy = (await RetryAsync(connection, archived)).ShouldBeOfType<HerokuConnectRetryOutcome.Captured>().NewId;

        (await StateAsync(connection, live)).ShouldBe("NEW");
        (await StateAsync(connection, archived)).ShouldBe("REQUEUED");
        (await connection.Middle.ColumnAsync<string>($"select concat_ws(' ', state, action, sfid, old) from org._trigger_log where id = {copy}")).ShouldBe([$"NEW DELETE {Sfid} \"email\"=>\"x\""]);
    }

    [Theory]
    [InlineData("SUCCESS", "UPDATE", "Row 1 stands at SUCCESS and not at FAILED, so there is nothing to retry.")]
    [InlineData("READONLY", "UPDATE", "Row 1 was never sent, since the mapping of org is read-only: make it read-write in Heroku Connect, then write the row again.")]
    [InlineData("FAILED", "UPDATE", "The row 1 of org.contact is gone, so there are no values to send; nothing was changed.")]
    public async Task What_cannot_be_sent_again_is_refused_and_nothing_changes(string state, string action, string why)
    {
        await using Connection connection = await Connection.OpenAsync();
        await connection.CaptureAsync(state, action);

        (await RetryAsync(connection, 1)).ShouldBeOfType<HerokuConnectRetryOutcome.Refused>().Why.ShouldBe(why);
        (await RetryAsync(connection, 2)).ShouldBeOfType<HerokuConnectRetryOutcome.Refused>().Why.ShouldBe("The trigger log of org has no row 2; `bridge connect errors` lists what failed.");

        (await connection.Middle.ColumnAsync<string>("select state from org._trigger_log")).ShouldBe([state]);
    }

    [Fact]
    public async Task A_row_that_is_another_record_after_a_reload_is_not_written_to()
    {
        await using Connection connection = await Connection.OpenAsync();
        await connection.ExecuteAsync("insert into org.contact (sfid, email) values ('003000000000002AAA', 'other')");
        int id = await FailedAsync(connection, "UPDATE", archived: true, columns: ", sfid", values: $", '{Sfid}'");

        (await RetryAsync(connection, id)).ShouldBeOfType<HerokuConnectRetryOutcome.Refused>().Why
            .ShouldBe($"The row 1 of org.contact is another record now (003000000000002AAA and not {Sfid}), as after a reload; write to the record itself.");
    }

    [Fact]
    public async Task Two_who_retry_at_once_do_it_once()
    {
        await using Connection connection = await Connection.OpenAsync();
        await connection.ExecuteAsync($"insert into org.contact (sfid) values ('{Sfid}')");
        int id = await FailedAsync(connection, "UPDATE", archived: true);

        HerokuConnectRetryOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RetryAsync(connection, id)));

        outcomes.OfType<HerokuConnectRetryOutcome.Captured>().Count().ShouldBe(1);
        (await connection.Middle.ScalarAsync<long>("select count(*) from org._trigger_log")).ShouldBe(1);
    }

    [Fact]
    public async Task Hstore_is_found_in_whatever_schema_it_is_installed()
    {
        await using Connection connection = await Connection.OpenAsync("\"My Org\"");
        await connection.ExecuteAsync("create schema heroku_ext; alter extension hstore set schema heroku_ext; insert into org.contact (sfid) values ('x')");
        int id = await FailedAsync(connection, "UPDATE", archived: false);

        (await RetryAsync(connection, id)).ShouldBeOfType<HerokuConnectRetryOutcome.Captured>().Operation.ShouldBe("update");
    }

    [Theory]
    [InlineData("UPDATE", "'x'", false)]
    [InlineData("INSERT", "null", true)]
    public async Task Names_and_values_with_quotes_and_upper_case_are_captured_as_they_are(string action, string sfid, bool isWhole)
    {
        await using Connection connection = await Connection.OpenAsync("\"My \"\"Org\"");
        await connection.ExecuteAsync($"""
            create table org."Od""d'Table" (id serial primary key, sfid varchar(18), "Na""me" text, "UPPER'" text, other text);
            insert into org."Od""d'Table" (sfid, "Na""me", "UPPER'", other) values ({sfid}, 'O''Brien "x" \ => ,', 'u', 'o')
            """);
        int id = await connection.CaptureAsync(action: action, table: "Od\"d''Table", columns: ", sfid, \"values\"", values: $$""", {{sfid}}, '"Na\"me"=>"then", "UPPER''"=>NULL'""");
        await connection.FailAsync(id);

        var done = (await RetryAsync(connection, id)).ShouldBeOfType<HerokuConnectRetryOutcome.Captured>();

        string values = $"(select \"values\"::hstore from {connection.Schema}._trigger_log where id = {done.NewId})";
        (await connection.Middle.ScalarAsync<string>($"select {values} -> 'Na\"me'")).ShouldBe("O'Brien \"x\" \\ => ,");
        (await connection.Middle.ScalarAsync<string>($"select {values} -> 'UPPER'''")).ShouldBe("u");
        (await connection.Middle.ScalarAsync<bool>($"select {values} ? 'other'")).ShouldBe(isWhole);
    }

    private static async Task<int> FailedAsync(Connection connection, string action, bool archived, string columns = "", string values = "")
    {
        int id = await connection.CaptureAsync(action: action, columns: columns, values: values);
        await connection.FailAsync(id);
        if (archived)
            await connection.ArchiveAsync(id);
        return id;
    }

    private static async Task<HerokuConnectRetryOutcome> RetryAsync(Connection connection, long id) =>
        await new HerokuConnectRetry(connection.Middle.Database).RetryAsync((await new HerokuConnectLog(connection.Middle.Database).ConnectionsAsync(default)).Single(), id, default);

    private static Task<string> StateAsync(Connection connection, int id) =>
        connection.Middle.ScalarAsync<string>($"select state from (select id, state from {connection.Schema}._trigger_log union all select id, state from {connection.Schema}._trigger_log_archive) e where id = {id}");
}
