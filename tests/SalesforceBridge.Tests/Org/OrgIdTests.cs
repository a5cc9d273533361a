using SalesforceBridge.Org;

namespace SalesforceBridge.Tests.Org;

public sealed class OrgIdTests
{
    [Theory]
    [InlineData("00D7F00000107Xs", "00D7F00000107XsUAI")]
    [InlineData("00D000000000001", "00D000000000001EAA")]
    [InlineData("00D000000000001EAA", "00D000000000001EAA")]
    public void The_long_form_says_which_letters_are_capitals(string id, string expected) => OrgId.Long(id).ShouldBe(expected);
}
