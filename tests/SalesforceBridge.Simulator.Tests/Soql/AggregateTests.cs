namespace SalesforceBridge.Simulator.Tests.Soql;

/// <summary>What aggregate queries tell of five opportunities of two accounts.</summary>
public sealed class AggregateTests : IAsyncLifetime
{
    private SimulatedOrg _org = null!;

    public async ValueTask InitializeAsync()
    {
        _org = await SimulatedOrg.StartAsync(new SimulatorOptions(), TestContext.Current.CancellationToken);
        string alpha = _org.Create("Account", new { Name = "Alpha", NumberOfEmployees = 10 });
        string beta = _org.Create("Account", new { Name = "Beta", NumberOfEmployees = 5 });
        foreach ((string account, string stage, decimal? amount) in new (string, string, decimal?)[]
        {
            (alpha, "Prospecting", 100), (alpha, "Closed Won", 50), (alpha, "Closed Won", null), (beta, "Prospecting", 7), (beta, "prospecting", 1),
        })
        {
            _org.Create("Opportunity", new { Name = "O", AccountId = account, StageName = stage, Amount = amount, CloseDate = "2026-11-18" });
        }
    }

    public ValueTask DisposeAsync() => _org.DisposeAsync();

    [Theory]
    [InlineData("count(Id), count(Amount), sum(Amount), avg(Amount), min(Amount), max(Amount) from Opportunity", """{"expr0":5,"expr1":4,"expr2":158.0,"expr3":39.5,"expr4":1.0,"expr5":100.0}""")]
    [InlineData("count_distinct(StageName) stages from Opportunity", """{"stages":2}""")]
    [InlineData("sum(NumberOfEmployees) n from Account", """{"n":15}""")]
    [InlineData("max(CloseDate) last, min(Name) first from Opportunity", """{"last":"2026-11-18","first":"O"}""")]
    [InlineData("count(Id) n, max(Amount) from Opportunity where Name = 'none'", """{"n":0,"expr0":null}""")]
    [InlineData("StageName, count(Id) from Opportunity group by StageName order by StageName", """{"StageName":"Closed Won","expr0":2} {"StageName":"Prospecting","expr0":3}""")]
    [InlineData("StageName stage, sum(Amount) total from Opportunity group by StageName having sum(Amount) > 60", """{"stage":"Prospecting","total":108.0}""")]
    [InlineData("Account.Name, count(Id) n from Opportunity group by Account.Name order by count(Id) desc", """{"Name":"Alpha","n":3} {"Name":"Beta","n":2}""")]
    [InlineData("count(Id) n from Opportunity group by Account.Name, StageName having Account.Name = 'alpha' order by StageName limit 1", """{"n":2}""")]
    [InlineData("count(Id) n from Opportunity where Name = 'none' group by StageName", "")]
    public void Groups_have_one_row_each(string query, string rows) =>
        string.Join(' ', _org.Query("select " + query).Select(row => row.GetRawText().Replace("""
            "attributes":{"type":"AggregateResult"},
            """.Trim(), "", StringComparison.Ordinal))).ShouldBe(rows);
}
