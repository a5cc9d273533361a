using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Tests.Soql;

/// <summary>What date literals mean on Wednesday, 18 November 2026.</summary>
public sealed class RelativeDateTests
{
    private static readonly DateOnly Wednesday = new(2026, 11, 18);

    [Theory]
    [InlineData("TODAY", "2026-11-18", "2026-11-19")]
    [InlineData("yesterday", "2026-11-17", "2026-11-18")]
    [InlineData("TOMORROW", "2026-11-19", "2026-11-20")]
    [InlineData("LAST_N_DAYS:7", "2026-11-11", "2026-11-19")]
    [InlineData("LAST_90_DAYS", "2026-08-20", "2026-11-19")]
    [InlineData("NEXT_N_DAYS:7", "2026-11-19", "2026-11-26")]
    [InlineData("NEXT_90_DAYS", "2026-11-19", "2027-02-17")]
    [InlineData("N_DAYS_AGO:2", "2026-11-16", "2026-11-17")]
    [InlineData("THIS_WEEK", "2026-11-15", "2026-11-22")]
    [InlineData("LAST_WEEK", "2026-11-08", "2026-11-15")]
    [InlineData("NEXT_N_WEEKS:2", "2026-11-22", "2026-12-06")]
    [InlineData("THIS_MONTH", "2026-11-01", "2026-12-01")]
    [InlineData("NEXT_MONTH", "2026-12-01", "2027-01-01")]
    [InlineData("LAST_N_MONTHS:12", "2025-11-01", "2026-11-01")]
    [InlineData("THIS_QUARTER", "2026-10-01", "2027-01-01")]
    [InlineData("LAST_QUARTER", "2026-07-01", "2026-10-01")]
    [InlineData("NEXT_N_QUARTERS:1", "2027-01-01", "2027-04-01")]
    [InlineData("THIS_YEAR", "2026-01-01", "2027-01-01")]
    [InlineData("LAST_FISCAL_YEAR", "2025-01-01", "2026-01-01")]
    [InlineData("N_YEARS_AGO:2", "2024-01-01", "2025-01-01")]
    [InlineData("N_YEARS_AGO:9999", "0001-01-01", "0001-01-01")]
    public void A_date_literal_is_a_span_of_days(string literal, string from, string until)
    {
        RelativeDate relative = RelativeDate.Parse(literal).ShouldNotBeNull();

        (DateOnly first, DateOnly after) = relative.Span(Wednesday);

        first.ToString("yyyy-MM-dd").ShouldBe(from);
        after.ToString("yyyy-MM-dd").ShouldBe(until);
    }

    [Theory]
    [InlineData("LAST_N_DAYS")]
    [InlineData("LAST_N_DAYS:")]
    [InlineData("THIS_DAY")]
    [InlineData("LAST_N_DAYS:99999")]
    [InlineData("Name")]
    public void Other_words_are_no_date_literals(string word) => RelativeDate.Parse(word).ShouldBeNull();
}
