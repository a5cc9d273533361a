using SalesforceBridge.Simulator.Deliveries;

namespace SalesforceBridge.Simulator.Tests.Deliveries;

public sealed class RetryScheduleTests
{
    [Fact]
    public void An_outbound_message_is_tried_again_ever_more_rarely_for_a_day()
    {
        RetrySchedule.OutboundMessage.Take(9).Select(delay => delay.TotalSeconds).ShouldBe([30, 60, 120, 240, 480, 960, 1920, 3840, 7200]);
        RetrySchedule.OutboundMessage.Skip(8).ShouldAllBe(delay => delay == TimeSpan.FromHours(2));
        TimeSpan last = TimeSpan.FromTicks(RetrySchedule.OutboundMessage.Sum(delay => delay.Ticks));
        last.ShouldBeInRange(TimeSpan.FromHours(22), TimeSpan.FromHours(24));
    }
}
