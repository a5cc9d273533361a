using SalesforceBridge.Http.OpenApi;

namespace SalesforceBridge.Tests.OpenApi;

public sealed class ApexNamesTests
{
    [Theory]
    [InlineData("credit", "credit")]
    [InlineData("creditCheck", "creditCheck")]
    [InlineData("Credit", "Credit")]
    [InlineData("credit-check", "creditCheck")]
    [InlineData("credit_check", "creditCheck")]
    [InlineData("credit--check__", "creditCheck")]
    [InlineData("v2-orders-3rd", "v2Orders3rd")]
    [InlineData("a-1-b", "a1B")]
    [InlineData("update", "callUpdate")]
    [InlineData("Insert", "callInsert")]
    [InlineData("web-service", "callWebService")]
    [InlineData("type", "callType")]
    [InlineData("SObject", "callSObject")]
    [InlineData("updates", "updates")]
    public void A_callout_has_a_name_that_apex_takes_as_it_is(string callout, string name) =>
        ApexNames.Of([callout])[callout].ShouldBe(name);

    [Fact]
    public void No_two_names_are_the_same_to_apex_and_what_is_legal_keeps_its_name()
    {
        IReadOnlyDictionary<string, string> names = ApexNames.Of(["credit-check", "credit_check", "creditCheck", "CREDITCHECK", "creditCheck2", "update", "Update", "callUpdate"]);

        names["creditCheck2"].ShouldBe("creditCheck2");
        names["callUpdate"].ShouldBe("callUpdate");
        names["CREDITCHECK"].ShouldBe("CREDITCHECK");
        names.Values.Distinct(StringComparer.OrdinalIgnoreCase).Count().ShouldBe(8);
        names.Values.ShouldAllBe(name => name.All(char.IsAsciiLetterOrDigit) && char.IsAsciiLetter(name[0]));
    }

    [Fact]
    public void The_order_of_the_routes_does_not_matter()
    {
        string[] callouts = ["a-b", "a_b", "aB", "select", "callSelect"];

        ApexNames.Of(callouts).OrderBy(name => name.Key).ShouldBe(ApexNames.Of(callouts.Reverse()).OrderBy(name => name.Key));
    }
}
