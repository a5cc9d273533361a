using System.Diagnostics.Metrics;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.HerokuConnect;

/// <summary>What the look at Heroku Connect's logs measures.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task Each_look_measures_what_waits_what_failed_and_how_long_the_last_write_took()
    {
        await using Connection connection = await Connection.OpenAsync();
        await Connection.ConnectAsync(connection.Middle, "other");
        await using RunningWorker worker = await connection.ListenAsync();
        int sent = await connection.CaptureAsync();
        await connection.ExecuteAsync($"update org._trigger_log set state = 'SUCCESS', processed_at = created_at + interval '7 seconds' where id = {sent}");
        await connection.CaptureAsync("PENDING", columns: ", created_at", values: ", clock_timestamp() - interval '2 hours'");
        await connection.CaptureAsync();
        await connection.CaptureAsync("READONLY");
        await connection.FailAsync(await connection.CaptureAsync());
        await connection.ArchiveAsync(await connection.CaptureAsync("FAILED"));
        await connection.ToldAsync(3);
        // A look measures at its end.
        await connection.IsLookedAtAsync();

        Dictionary<string, double> measured = Measure(connection.Middle);

        measured["heroku_connect.pending.age org"].ShouldBeInRange(7200, 7300);
        measured.Remove("heroku_connect.pending.age org");
        measured.ShouldBe(new Dictionary<string, double>
        {
            ["heroku_connect.pending org"] = 2,
            ["heroku_connect.failed org"] = 2,
            ["heroku_connect.read_only org"] = 1,
            ["heroku_connect.sync.lag org"] = 7,
            ["heroku_connect.pending other"] = 0,
            ["heroku_connect.pending.age other"] = 0,
            ["heroku_connect.failed other"] = 0,
            ["heroku_connect.read_only other"] = 0,
        }, ignoreOrder: true);
    }

    [Fact]
    public async Task A_worker_that_looks_no_more_measures_nothing()
    {
        await using Connection connection = await Connection.OpenAsync();
        await using (await connection.ListenAsync())
        {
            await connection.IsLookedAtAsync();
            await Middle.UntilAsync(() => Measure(connection.Middle).Count > 0);
        }

        Measure(connection.Middle).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_log_that_cannot_be_read_is_not_measured()
    {
        await using Connection connection = await Connection.OpenAsync();
        await Connection.ConnectAsync(connection.Middle, "other");
        await using RunningWorker worker = await connection.ListenAsync();
        await Middle.UntilAsync(() => Measure(connection.Middle).ContainsKey("heroku_connect.failed org"));

        await connection.ExecuteAsync("drop table org._trigger_log_archive");

        await Middle.UntilAsync(() => !Measure(connection.Middle).ContainsKey("heroku_connect.failed org"));
        Measure(connection.Middle).ShouldContainKey("heroku_connect.failed other");
    }

    /// <summary>What the instruments say now, each with its connection.</summary>
    private static Dictionary<string, double> Measure(Middle middle)
    {
        Dictionary<string, double> measured = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Scope == middle.Meters)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured[$"{instrument.Name} {tags[0].Value}"] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => measured[$"{instrument.Name} {tags[0].Value}"] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return measured;
    }
}
