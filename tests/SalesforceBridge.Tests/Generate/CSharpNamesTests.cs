using SalesforceBridge.Generate;

namespace SalesforceBridge.Tests.Generate;

public sealed class CSharpNamesTests
{
    [Theory]
    [InlineData("Order__c", "Order__c")]
    [InlineData("class", "Class")]
    [InlineData("1st", "_1st")]
    [InlineData("a-b c", "a_b_c")]
    [InlineData("", "_")]
    [InlineData("日本", "日本")]
    public void A_name_is_made_legal(string wanted, string name) => new CSharpNames().Take(wanted).ShouldBe(name);

    [Fact]
    public void No_name_is_there_twice()
    {
        var names = new CSharpNames("Account", "Equals");

        new[] { "Account", "a-b", "a b", "a_b", "Equals", "event", "Event" }.Select(names.Take)
            .ShouldBe(["Account_2", "a_b", "a_b_2", "a_b_3", "Equals_2", "Event", "Event_2"]);
    }

    [Fact]
    public void Names_that_files_are_called_by_differ_in_more_than_their_case()
    {
        var names = new CSharpNames(StringComparer.OrdinalIgnoreCase, "OrgTypesJson");

        new[] { "Order__c", "order__c", "orgtypesjson" }.Select(names.Take).ShouldBe(["Order__c", "order__c_2", "orgtypesjson_2"]);
    }

    [Theory]
    [InlineData("Proposal/Price Quote", "ProposalPriceQuote")]
    [InlineData("closed won", "ClosedWon")]
    [InlineData("50 %", "_50")]
    [InlineData("+", "Value")]
    [InlineData("😀", "Value")]
    [InlineData("new", "New")]
    public void A_value_is_named_by_its_words(string value, string name) => new CSharpNames().TakeForText(value).ShouldBe(name);

    [Theory]
    [InlineData("Shop.Orders", true)]
    [InlineData("Shop.", false)]
    [InlineData("Shop.class", false)]
    [InlineData("Shop; using Evil", false)]
    [InlineData("", false)]
    public void A_namespace_is_names_with_dots_between_them(string text, bool isOne) => CSharpNames.IsNamespace(text).ShouldBe(isOne);

    [Theory]
    [InlineData("a\"b\\c", "\"a\\\"b\\\\c\"")]
    [InlineData("a\r\n\u2028b", "\"a\\u000d\\u000a\\u2028b\"")]
    [InlineData("\ud83d\ude00", "\"\\ud83d\\ude00\"")]
    [InlineData("ü日", "\"ü日\"")]
    public void A_literal_ends_where_it_should(string text, string literal) => CSharpText.Literal(text).ShouldBe(literal);

    [Theory]
    [InlineData("a <b> & \"c\"", "a &lt;b&gt; &amp; &quot;c&quot;")]
    [InlineData("a\n/// </summary>\u2028\u0085 b", "a /// &lt;/summary&gt; b")]
    [InlineData("\0", "")]
    public void A_comment_stays_on_its_line(string text, string comment) => CSharpText.Doc(text).ShouldBe(comment);
}
