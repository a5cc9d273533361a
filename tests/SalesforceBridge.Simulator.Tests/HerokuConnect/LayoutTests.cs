using SalesforceBridge.Simulator.HerokuConnect;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.HerokuConnect;

public sealed class LayoutTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task A_mapped_table_has_the_columns_and_indexes_of_the_real_one()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();

        (await tables.ColumnAsync("""
            select a.attname || ' ' || format_type(a.atttypid, a.atttypmod) from pg_attribute a
            where attrelid = 'salesforce.contact'::regclass and attnum > 0 order by a.attname
            """)).ShouldBe(
        [
            "_hc_err text", "_hc_lastop character varying(32)", "account__external_id__c character varying(64)", "accountid character varying(18)",
            "birthdate date", "createddate timestamp without time zone", "email character varying(80)", "firstname character varying(40)", "id integer",
            "isdeleted boolean", "lastname character varying(80)", "phone character varying(40)", "sfid character varying(18)",
            "systemmodstamp timestamp without time zone",
        ]);
        (await tables.ColumnAsync("select indexname::text from pg_indexes where schemaname = 'salesforce' and tablename in ('contact', 'account') order by 1"))
            .ShouldBe(["account_pkey", "contact_pkey", "hc_idx_account_systemmodstamp", "hc_idx_contact_systemmodstamp", "hcu_idx_account_external_id__c", "hcu_idx_account_sfid", "hcu_idx_contact_sfid"]);
        (await tables.ColumnAsync("select tgname::text from pg_trigger where tgrelid = 'salesforce.contact'::regclass order by 1"))
            .ShouldBe(["hc_contact_logtrigger", "hc_contact_status_trigger"]);
    }

    [Fact]
    public async Task Numbers_checkboxes_and_long_texts_have_their_types()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();

        (await tables.ColumnAsync("""
            select attname || ' ' || format_type(atttypid, atttypmod) from pg_attribute
            where attrelid in ('salesforce.account'::regclass, 'salesforce.order__c'::regclass)
            and attname in ('annualrevenue', 'numberofemployees', 'active__c', 'note__c', 'accepted_at__c', 'account__r__external_id__c') order by 1
            """)).ShouldBe(
        [
            "accepted_at__c timestamp without time zone", "account__r__external_id__c character varying(64)", "active__c boolean",
            "annualrevenue double precision", "note__c text", "numberofemployees integer",
        ]);
    }

    [Fact]
    public async Task The_log_and_its_archive_have_the_same_columns_and_the_connection_says_whose_it_is()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();

        List<string> log = await tables.ColumnAsync(ColumnsOf("_trigger_log"));
        log.ShouldBe(await tables.ColumnAsync(ColumnsOf("_trigger_log_archive")));
        log.ShouldBe(
        [
            "id integer", "txid bigint", "created_at timestamp with time zone", "updated_at timestamp with time zone", "processed_at timestamp with time zone",
            "processed_tx bigint", "state character varying(8)", "action character varying(7)", "table_name character varying(128)", "record_id integer",
            "sfid character varying(18)", "old text", "values text", "sf_result integer", "sf_message text",
        ]);
        (await tables.ScalarAsync<string>("select org_id from salesforce._hcmeta")).ShouldBe(tables.Org.OrgId);
    }

    [Fact]
    public async Task What_is_there_already_is_kept_when_it_comes_again()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        string contact = tables.Org.Create("Contact", new { LastName = "Ann" });
        await tables.ReadAsync();
        int added = await tables.InsertAsync("contact", "lastname", "'Bob'");
        await tables.StandIn.DisposeAsync();
        string gone = tables.Org.Create("Contact", new { LastName = "Never seen" });
        tables.Org.Delete("Contact", gone);
        tables.Org.Update("Contact", contact, new { Phone = "1" });

        await using HerokuConnectStandIn next = await HerokuConnectStandIn.StartAsync(tables.Org, tables.Options, SyncedTables.Ct);
        await next.WriteNowAsync(SyncedTables.Ct);

        (await tables.ColumnAsync("select concat_ws(' ', id, lastname, phone, _hc_lastop) from salesforce.contact order by id"))
            .ShouldBe(["1 Ann 1 SYNCED", $"{added} Bob INSERTED"]);
    }

    [Fact]
    public async Task The_schema_may_have_any_name()
    {
        const string schema = "\"Ann's \"\"own\"\" org\"";
        await using SyncedTables tables = await SyncedTables.StartAsync(change: options => options with { Schema = "Ann's \"own\" org", ReadEvery = Moment, WritePause = Moment });

        await tables.ExecuteAsync($"insert into {schema}.contact (lastname) values ('Bob')");
        await tables.UntilAsync($"select _hc_lastop = 'SYNCED' from {schema}.contact");
        await tables.StandIn.ReloadAsync("Contact", ReloadMethod.Truncate, SyncedTables.Ct);

        (await tables.ColumnAsync($"select id || ' ' || lastname from {schema}.contact")).ShouldBe(["1 Bob"]);
    }

    [Theory]
    [InlineData("Nothing__c", "Name", null, "The org has no object 'Nothing__c'.")]
    [InlineData("Contact", "Nothing", null, "Contact has no field 'Nothing', and it names no external id of a parent.")]
    [InlineData("Contact", "Account.Name", null, "Contact has no field 'Account.Name', and it names no external id of a parent.")]
    [InlineData("Contact", "Badge__c", "Badge__c", "'Badge__c' is no unique external id among the mapped fields of Contact.")]
    public async Task A_mapping_that_the_org_cannot_fill_is_refused(string type, string field, string? key, string why)
    {
        ArgumentException refusal = await Should.ThrowAsync<ArgumentException>(() => SyncedTables.StartAsync(
            change: options => options with { Mappings = [new MappingOptions(type, field) { UpsertField = key }] }));

        refusal.Message.ShouldStartWith(why);
    }

    private static string ColumnsOf(string table) => $"""
        select attname || ' ' || format_type(atttypid, atttypmod) from pg_attribute
        where attrelid = 'salesforce.{table}'::regclass and attnum > 0 order by attnum
        """;
}
