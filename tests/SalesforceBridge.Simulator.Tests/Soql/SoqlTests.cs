using System.Text.Json;

namespace SalesforceBridge.Simulator.Tests.Soql;

/// <summary>What a query finds among five accounts and two contacts.</summary>
public sealed class SoqlTests : IAsyncLifetime
{
    private SimulatedOrg _org = null!;

    public async ValueTask InitializeAsync()
    {
        _org = await SimulatedOrg.StartAsync(new SimulatorOptions(), TestContext.Current.CancellationToken);
        string parent = _org.Create("Account", new { Name = "Alpha", AnnualRevenue = 100.5, NumberOfEmployees = 10, Type = "Customer", BillingCity = "O'Fallon" });
        _org.Create("Account", new { Name = "beta", AnnualRevenue = 200, NumberOfEmployees = 20, Type = "Partner", ParentId = parent });
        _org.Create("Account", new { Name = "Gamma_1", NumberOfEmployees = 30, Type = "Customer", ParentId = parent, Active__c = false });
        string delta = _org.Create("Account", new { Name = "Delta%", AnnualRevenue = -5, Type = (string?)null, External_Id__c = "D-1" });
        _org.Create("Account", new { Name = "Epsilon", AnnualRevenue = 0 }, asUser: "bridge@example.com");
        _org.Create("Contact", new { LastName = "Ode", AccountId = delta, Birthdate = "1990-02-03" });
        _org.Create("Contact", new { LastName = "Poe", Birthdate = "2000-02-03" });
    }

    public ValueTask DisposeAsync() => _org.DisposeAsync();

    [Theory]
    [InlineData("", "Alpha beta Gamma_1 Delta% Epsilon")]
    [InlineData("where Name = 'alpha'", "Alpha")]
    [InlineData("where Name != 'alpha'", "beta Gamma_1 Delta% Epsilon")]
    [InlineData("where Name <> 'ALPHA' and Type = 'Customer'", "Gamma_1")]
    [InlineData("where Type = 'Customer' or (Type = 'Partner' and NumberOfEmployees > 100)", "Alpha Gamma_1")]
    [InlineData("where (Type = 'Customer' or Type = 'Partner') and NumberOfEmployees > 10", "beta Gamma_1")]
    [InlineData("where not Type = 'Customer'", "beta Delta% Epsilon")]
    [InlineData("where (not Type = 'Customer') and Name like '%a%'", "beta Delta%")]
    [InlineData("where Type = 'Customer' and (not (NumberOfEmployees > 10 or Name = 'x'))", "Alpha")]
    [InlineData("where Name like '%A%A%'", "Alpha Gamma_1")]
    [InlineData("where Name like '\\\\%'", "")]
    [InlineData("where CreatedDate = today", "Alpha beta Gamma_1 Delta% Epsilon")]
    [InlineData("where CreatedDate > TODAY", "")]
    [InlineData("where CreatedDate in (YESTERDAY, THIS_YEAR)", "Alpha beta Gamma_1 Delta% Epsilon")]
    [InlineData("where Id in (select AccountId from Contact)", "Delta%")]
    [InlineData("where Id in (select AccountId from Contact where LastName = 'Poe')", "")]
    [InlineData("where Id not in (select AccountId from Contact) and Type = 'Customer'", "Alpha Gamma_1")]
    [InlineData("where Id not in (select AccountId from Contact where LastName = 'Nobody') limit 1", "Alpha")]
    [InlineData("order by Name for view", "Alpha beta Delta% Epsilon Gamma_1")]
    [InlineData("order by Name limit 1 offset 0 for reference", "Alpha")]
    [InlineData("limit 1 for update", "Alpha")]
    [InlineData("where not (Type = 'Customer' or Type = null)", "beta")]
    [InlineData("where AnnualRevenue = null", "Gamma_1")]
    [InlineData("where AnnualRevenue != null", "Alpha beta Delta% Epsilon")]
    [InlineData("where AnnualRevenue < 100.5", "Delta% Epsilon")]
    [InlineData("where AnnualRevenue <= 100.5", "Alpha Delta% Epsilon")]
    [InlineData("where AnnualRevenue > -5", "Alpha beta Epsilon")]
    [InlineData("where AnnualRevenue >= 1.005e2", "Alpha beta")]
    [InlineData("where Active__c = false", "Gamma_1")]
    [InlineData("where Name in ('ALPHA', 'epsilon')", "Alpha Epsilon")]
    [InlineData("where Name not in ('Alpha', 'Epsilon')", "beta Gamma_1 Delta%")]
    [InlineData("where Type in (null, 'Partner')", "beta Delta% Epsilon")]
    [InlineData("where Name like '%a'", "Alpha beta")]
    [InlineData("where Name like '_eta'", "beta")]
    [InlineData("where Name like '%\\_%'", "Gamma_1")]
    [InlineData("where Name like '%\\%'", "Delta%")]
    [InlineData("where BillingCity = 'O\\'Fallon'", "Alpha")]
    [InlineData("where Parent.Name = 'Alpha'", "beta Gamma_1")]
    [InlineData("where Owner.Username = 'bridge@example.com'", "Epsilon")]
    [InlineData("where Account.Name = 'Alpha'", "Alpha")]
    [InlineData("where CreatedDate > 2020-01-01T00:00:00Z and CreatedDate < 2999-01-01T00:00:00+01:00", "Alpha beta Gamma_1 Delta% Epsilon")]
    [InlineData("where CreatedDate < 2020-01-01T00:00:00.000+0000", "")]
    [InlineData("where External_Id__c = 'd-1'", "Delta%")]
    [InlineData("order by Name", "Alpha beta Delta% Epsilon Gamma_1")]
    [InlineData("order by Name desc limit 2", "Gamma_1 Epsilon")]
    [InlineData("order by AnnualRevenue, Name", "Gamma_1 Delta% Epsilon Alpha beta")]
    [InlineData("order by AnnualRevenue desc nulls last", "beta Alpha Epsilon Delta% Gamma_1")]
    [InlineData("order by Type asc nulls last, Name desc", "Gamma_1 Alpha beta Epsilon Delta%")]
    [InlineData("order by Name limit 2 offset 1", "beta Delta%")]
    [InlineData("order by Name offset 3", "Epsilon Gamma_1")]
    [InlineData("limit 0", "")]
    public void Accounts_are_found(string clauses, string names) =>
        Names(_org.Query("SELECT Id, Name FROM Account " + clauses), "Name").ShouldBe(names);

    [Theory]
    [InlineData("where Birthdate = 1990-02-03", "Ode")]
    [InlineData("where Birthdate > 1990-02-03", "Poe")]
    [InlineData("where Account.External_Id__c = 'D-1'", "Ode")]
    [InlineData("where Account.Owner.Name like 'Ann%'", "Ode")]
    [InlineData("where AccountId = null", "Poe")]
    [InlineData("where AccountId in (select Id from Account where Name like 'D%')", "Ode")]
    [InlineData("where Birthdate < LAST_N_YEARS:5", "Ode Poe")]
    [InlineData("where Birthdate >= N_DAYS_AGO:9999", "Poe")]
    public void Contacts_are_found(string clauses, string names) =>
        Names(_org.Query("select c.LastName from Contact c " + clauses), "LastName").ShouldBe(names);

    [Fact]
    public void A_record_is_found_by_its_short_and_its_long_id()
    {
        string id = _org.Query("select Id from Account where Name = 'Alpha'")[0].GetProperty("Id").GetString()!;

        _org.Query($"select Name from Account where Id = '{id}'").Count.ShouldBe(1);
        _org.Query($"select Name from Account where Id in ('{id[..15]}')").Count.ShouldBe(1);
        _org.Query($"select Name from Account where ParentId = '{id[..15]}'").Count.ShouldBe(2);
    }

    [Fact]
    public void Ids_go_in_one_order_in_which_case_counts()
    {
        foreach (int number in Enumerable.Range(0, 100))
            _org.Create("Contact", new { LastName = $"Roe {number}" });
        string[] ids = [.. _org.Query("select Id from Contact order by Id").Select(row => row.GetProperty("Id").GetString()!)];

        ids.ShouldBe(ids.Order(StringComparer.Ordinal));
        _org.Query($"select Id from Contact where Id > '{ids[49]}' order by Id limit 1").Single().GetProperty("Id").GetString().ShouldBe(ids[50]);
    }

    [Fact]
    public void Parents_are_objects_within_objects()
    {
        JsonElement contact = _org.Query("select LastName, Account.Name, Account.Owner.Name from Contact where LastName = 'Ode'")[0];

        contact.GetProperty("Account").GetProperty("Name").GetString().ShouldBe("Delta%");
        contact.GetProperty("Account").GetProperty("Owner").GetProperty("Name").GetString().ShouldBe("Ann Clerk");
        contact.GetProperty("Account").GetProperty("attributes").GetProperty("type").GetString().ShouldBe("Account");
    }

    [Fact]
    public void A_missing_parent_is_null() =>
        _org.Query("select Account.Name from Contact where LastName = 'Poe'")[0].GetProperty("Account").ValueKind.ShouldBe(JsonValueKind.Null);

    private static string Names(IReadOnlyList<JsonElement> rows, string field) =>
        string.Join(' ', rows.Select(row => row.GetProperty(field).GetString()));
}
