using SalesforceBridge.Sources.Soql;

namespace SalesforceBridge.Tests.Sources.Soql;

public sealed class SoqlPositionTests
{
    [Theory]
    [InlineData("2026-11-23T08:00:00Z, polled 2026-11-23T08:05:03.123Z")]
    [InlineData("2026-11-23T08:00:00Z after 001000000000001AAA, deletes 2026-11-23T08:00:00Z, polled 2026-11-23T08:05:00Z")]
    [InlineData("beginning, deletes 2026-11-23T08:00:00Z, again 2026-11-23T08:00:00Z")]
    public void A_position_reads_as_it_was_stored(string stored) => $"{SoqlPosition.Read(stored)}".ShouldBe(stored);

    [Fact]
    public void Before_the_first_poll_there_is_none() => SoqlPosition.Read(null).ShouldBe(SoqlPosition.None);

    [Theory]
    [InlineData("")]
    [InlineData("4711")]
    [InlineData("2026-11-23T08:00:00Z after a after b")]
    [InlineData("2026-11-23T08:00:00Z, polled yesterday")]
    public void A_position_that_is_none_says_what_to_do(string stored) =>
        Should.Throw<FormatException>(() => SoqlPosition.Read(stored)).Message.ShouldContain("set the cursor's position to null");
}
