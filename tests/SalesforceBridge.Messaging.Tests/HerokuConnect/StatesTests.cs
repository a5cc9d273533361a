namespace SalesforceBridge.Messaging.Tests.HerokuConnect;

public sealed class StatesTests
{
    [Fact]
    public void A_state_is_known_until_it_is_old()
    {
        var time = new Stopwatch();
        var states = new HerokuConnectStates(time);
        var contact = new MappedTable("org", "contact");

        states.Of(contact).ShouldBeNull();
        states.Tell([(contact, "DATA_SYNCED")]);
        states.Tell([(contact, HerokuConnectStates.Reloading), (new MappedTable("org", "account"), "DATA_SYNCED")]);
        time.Seconds = 299;
        states.Of(contact).ShouldBe("RELOAD_TABLE");
        time.Seconds = 301;
        states.Of(contact).ShouldBeNull();
    }

    private sealed class Stopwatch : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
