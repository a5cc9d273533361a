using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Org;

public sealed class OrgBindingTests
{
    [Fact]
    public async Task Of_many_orgs_that_come_at_once_one_wins_and_all_are_told_which()
    {
        await using Middle middle = await Middle.StartAsync();
        var binding = new OrgBinding(middle.Database);
        (await binding.FindAsync(default)).ShouldBeNull();

        BoundOrg[] told = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => binding.BindAsync($"00D0000000000{n:D2}EAA", default)));

        told.Distinct().ShouldHaveSingleItem();
        (await binding.FindAsync(default)).ShouldBe(told[0]);
        (await binding.BindAsync("00D0000000000ZZEAA", default)).ShouldBe(told[0]);
    }

    [Fact]
    public void Orgs_are_told_apart_by_fifteen_characters()
    {
        var bound = new BoundOrg("00D7F00000107XsUAI", default);

        bound.IsOrg("00D7F00000107Xs").ShouldBeTrue();
        bound.IsOrg("00D7F00000107XsUAI").ShouldBeTrue();
        bound.IsOrg("00D7F00000107xs").ShouldBeFalse();
        bound.IsOrg("00D7F00000107XtUAI").ShouldBeFalse();
        bound.IsOrg("00D7F").ShouldBeFalse();
    }
}
