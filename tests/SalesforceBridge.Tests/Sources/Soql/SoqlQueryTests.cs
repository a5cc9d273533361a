using SalesforceBridge.Messaging;
using SalesforceBridge.Sources.Soql;

namespace SalesforceBridge.Tests.Sources.Soql;

public sealed class SoqlQueryTests
{
    private static readonly DateTimeOffset Horizon = new(2026, 11, 23, 9, 5, 0, TimeSpan.FromHours(1));

    [Theory]
    [InlineData("select Name from Account", "select Name, Id, SystemModstamp from Account where {}")]
    [InlineData("SELECT id, Name, systemmodstamp FROM Account", "select id, Name, systemmodstamp from Account where {}")]
    [InlineData("select Account.Id, a.SystemModstamp from Account a", "select Account.Id, a.SystemModstamp from Account a where {}")]
    [InlineData("select Account.Id from Contact", "select Account.Id, Id, SystemModstamp from Contact where {}")]
    [InlineData("select Id, SystemModstamp from Order where Type = 'a' or Type = 'b'", "select Id, SystemModstamp from Order where (Type = 'a' or Type = 'b') and {}")]
    [InlineData("select Id, SystemModstamp from Group  where  Name like 'x%'  ", "select Id, SystemModstamp from Group where (Name like 'x%') and {}")]
    [InlineData("select Id, SystemModstamp from A__c where Name = 'order by limit ) \\' group by (' and (B__c = null)",
        "select Id, SystemModstamp from A__c where (Name = 'order by limit ) \\' group by (' and (B__c = null)) and {}")]
    [InlineData("select toLabel(Status) label, Id, convertCurrency(Amount), SystemModstamp from Deal__c", "select toLabel(Status) label, Id, convertCurrency(Amount), SystemModstamp from Deal__c where {}")]
    [InlineData("select Id, SystemModstamp from Account where Id in (select AccountId from Contact where Name != null order by Name limit 5)",
        "select Id, SystemModstamp from Account where (Id in (select AccountId from Contact where Name != null order by Name limit 5)) and {}")]
    [InlineData("select Id, SystemModstamp from Account where CreatedDate >= 2026-11-23T08:00:00+01:00 and CreatedDate = LAST_N_DAYS:30",
        "select Id, SystemModstamp from Account where (CreatedDate >= 2026-11-23T08:00:00+01:00 and CreatedDate = LAST_N_DAYS:30) and {}")]
    public void The_bridge_adds_what_tells_a_rows_place_and_keeps_the_rest_as_written(string soql, string sent) =>
        SoqlQuery.Parse(soql).After(null, Horizon, 5)
            .ShouldBe(sent.Replace("{}", "SystemModstamp < 2026-11-23T08:05:00Z order by SystemModstamp, Id limit 5", StringComparison.Ordinal));

    [Theory]
    [InlineData(null, "where SystemModstamp >= 2026-11-23T08:00:00Z and SystemModstamp < 2026-11-23T08:05:00Z ")]
    [InlineData("001000000000001AAA",
        "where SystemModstamp >= 2026-11-23T08:00:00Z and (SystemModstamp > 2026-11-23T08:00:00Z or Id > '001000000000001AAA') and SystemModstamp < 2026-11-23T08:05:00Z ")]
    public void A_page_begins_behind_a_place(string? id, string condition) =>
        SoqlQuery.Parse("select Id from Account").After(new SoqlPlace(Horizon.AddMinutes(-5), id), Horizon, 2000).ShouldContain(condition);

    [Theory]
    [InlineData("select", "a query is `select`, fields, `from` and an object")]
    [InlineData("select from Account", "a query is `select`, fields, `from` and an object")]
    [InlineData("select Id", "a query is `select`, fields, `from` and an object")]
    [InlineData("select Id, (select Id from Contacts)", "a query is `select`, fields, `from` and an object")]
    [InlineData("select Id from", "after `from` stands no object")]
    [InlineData("select Id from 'Account'", "after `from` stands no object")]
    [InlineData("select Id, from Account", "stands no field")]
    [InlineData("select Id,, Name from Account", "stands no field")]
    [InlineData("select Id from Account, Account.Contacts c", "a source has one object")]
    [InlineData("select Id from Account a, a.Contacts c", "a source has one object")]
    [InlineData("select Id from Account a b", "`b` is not understood here")]
    [InlineData("select Id from Account where", "after `where` stands nothing")]
    [InlineData("select Id from Account where Name = 'a' where Name = 'b'", "a second `where`")]
    [InlineData("select count() from Account", "`count(...)` counts over many rows, and each message is one row; select fields of Account")]
    [InlineData("select Id, MAX(Amount) from Deal__c", "`MAX(...)` counts over many rows")]
    [InlineData("select Count_Distinct ( Name ) from Account", "counts over many rows")]
    [InlineData("select fields(all) from Account", "`fields(...)` yields what the org has at the moment")]
    [InlineData("select Id, (select Id from Contacts) from Account", "make a source of the children's object")]
    [InlineData("select typeof What when Account then Phone end from Event", "`typeof` yields other fields")]
    [InlineData("select Id from Account Group By Name", "`group by` makes rows that are no records")]
    [InlineData("select Id from Account where Name != null having count(Id) > 1", "`having` asks something of groups")]
    [InlineData("select Id from Account ORDER BY Name", "`order by` is the bridge's own")]
    [InlineData("select Id from Account where Name != null limit 5", "`limit` would leave out rows")]
    [InlineData("select Id from Account offset 5", "`offset` would leave out rows")]
    [InlineData("select Id from Account for view", "`for view`")]
    [InlineData("select Id from Account where Name != null all rows", "write `deletes: yes`")]
    [InlineData("select Id from Account update tracking", "`update tracking`")]
    [InlineData("select Id from Account with security_enforced", "`with` is not for a source")]
    [InlineData("select Id from Account using scope mine", "`using scope` depends on who asks")]
    [InlineData("select Id from Account where Name = 'a", "a text in single quotes does not end")]
    [InlineData("select Id from Account where Name = 'a\\'", "a text in single quotes does not end")]
    [InlineData("select Id from Account where Name = \"a\"", "SOQL takes single ones")]
    [InlineData("select Id from Account where (Name = 'a'", "a `(` is not closed")]
    [InlineData("select Id from Account where Name = 'a') or (Name = 'b'", "a `)` closes what no `(` opened")]
    [InlineData("select Id from Account; delete", "a `;` has no place")]
    [InlineData("select Id from Account where Name = :name", "`:name` is a variable of Apex")]
    [InlineData("select Id from Account where Id in:ids", "`:name` is a variable of Apex")]
    public void A_query_that_the_bridge_cannot_add_to_is_refused_with_what_to_do(string soql, string why) =>
        Should.Throw<FormatException>(() => SoqlQuery.Parse(soql)).Message.ShouldContain(why);

    [Fact]
    public void The_query_of_a_source_is_what_follows_its_interval() =>
        SoqlQuery.Of(SourceName.Parse("soql 5m: select Id from Account where Name = 'a: b'")).Where.ShouldBe("Name = 'a: b'");
}
