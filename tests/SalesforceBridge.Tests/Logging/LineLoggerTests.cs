using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SalesforceBridge.Configuration;
using SalesforceBridge.Logging;

namespace SalesforceBridge.Tests.Logging;

public sealed partial class LineLoggerTests : IDisposable
{
    private readonly MemoryStream _output = new();
    private readonly List<IDisposable> _factories = [];

    [Fact]
    public void A_line_has_level_event_message_logger_and_values()
    {
        Stored(Logger("SalesforceBridge.Sources.EventSource"), "event Order_Placed__e", 17, "AAAB=");

        Lines.ShouldBe(["at=info event=stored msg=\"Stored 17 from event Order_Placed__e up to AAAB=.\" logger=EventSource count=17 replay_id=\"AAAB=\""]);
    }

    [Fact]
    public void A_sentence_that_the_message_contains_is_not_repeated_but_a_word_is()
    {
        Logger().LogInformation("{Lane} {Why}", "orders", "waits for the org");

        Lines.ShouldBe(["at=info msg=\"orders waits for the org\" logger=Tests lane=orders"]);
    }

    [Fact]
    public void A_scope_is_said_once_and_the_nearest_one_wins()
    {
        ILogger logger = Logger();
        using (logger.BeginScope(new Dictionary<string, object?> { ["Lane"] = "outer", ["Worker"] = "w1" }))
        using (logger.BeginScope(new Dictionary<string, object?> { ["Lane"] = "inner" }))
        {
            logger.LogWarning("Sent to {Org}", "00D1");
        }

        Lines.ShouldBe(["at=warn msg=\"Sent to 00D1\" logger=Tests org=00D1 lane=inner worker=w1"]);
    }

    [Fact]
    public void A_value_cannot_pass_for_a_part_of_the_line()
    {
        Logger().LogInformation("{Event} {At}", "forged", "error");

        Lines.ShouldBe(["at=info msg=\"forged error\" logger=Tests event_=forged at_=error"]);
    }

    [Fact]
    public void Nothing_logged_can_begin_a_line_or_move_a_cursor()
    {
        Logger().LogInformation("{Name}", "a\nat=info\r\t\u001b[2J\u0085\u2028\u007f\"\\\ud800");

        Lines.ShouldHaveSingleItem().ShouldBe(
            "at=info msg=\"a\\nat=info\\r\\t\\u001b[2J\\u0085\\u2028\\u007f\\\"\\\\\ufffd\" logger=Tests " +
            "name=\"a\\nat=info\\r\\t\\u001b[2J\\u0085\\u2028\\u007f\\\"\\\\\ufffd\"");
    }

    [Fact]
    public void An_exception_stays_on_the_line_with_its_stack()
    {
        Logger().LogError(Thrown("no \"route\""), "Failed");

        string line = Lines.ShouldHaveSingleItem();
        line.ShouldStartWith("at=error msg=Failed logger=Tests error=\"System.InvalidOperationException: no \\\"route\\\"\\n   at ".Replace("msg=Failed", "msg=\"Failed\""));
        line.ShouldEndWith("\"");
    }

    [Theory]
    [InlineData(LogFormat.Logfmt)]
    [InlineData(LogFormat.Json)]
    [InlineData(LogFormat.Text)]
    internal void A_line_stays_below_what_Heroku_splits(LogFormat format)
    {
        string flood = string.Concat(Enumerable.Repeat("\u00e4\"\n\U0001F600", 5_000));
        ILogger logger = Logger(format: format);
        using (logger.BeginScope(Enumerable.Range(0, 400).Select(i => KeyValuePair.Create($"key{i}", (object?)flood))))
        {
            logger.LogError(Thrown(flood), "{Flood}", flood);
        }

        _output.Length.ShouldBeInRange(5_000, 9_999);
        _output.ToArray()[^1].ShouldBe((byte)'\n');
        Encoding.UTF8.GetString(_output.ToArray()).ShouldNotContain("\ufffd");
    }

    [Fact]
    public void A_cut_line_says_so_and_a_cut_json_line_is_still_json()
    {
        Logger(format: LogFormat.Json).LogError(Thrown(new string('\n', 20_000)), "{Flood}", new string('"', 20_000));

        JsonElement line = JsonElement.Parse(Lines.ShouldHaveSingleItem());
        line.GetProperty("cut").GetBoolean().ShouldBeTrue();
        line.GetProperty("msg").GetString()!.ShouldEndWith("\"...");
    }

    [Fact]
    public void Json_keeps_numbers_truths_and_nothing_as_they_are()
    {
        ILogger logger = Logger(format: LogFormat.Json);
        using (logger.BeginScope(new Dictionary<string, object?> { ["Open"] = true, ["Lane"] = null }))
        {
            Stored(logger, "topic T", 3, "7");
        }

        Lines.ShouldBe(
        [
            "{\"at\":\"info\",\"event\":\"stored\",\"msg\":\"Stored 3 from topic T up to 7.\",\"logger\":\"Tests\",\"count\":3,\"replay_id\":\"7\",\"open\":true,\"lane\":null}",
        ]);
    }

    [Fact]
    public void Text_is_for_people_with_an_exception_below()
    {
        Logger(format: LogFormat.Text).LogWarning(Thrown("no \"route\""), "Retry in {Seconds} s", 5);

        Lines[0].ShouldBe("warn  Retry in 5 s seconds=5");
        Lines[1].ShouldBe("      System.InvalidOperationException: no \"route\"");
        Lines[2].ShouldStartWith("         at ");
    }

    [Fact]
    public void A_secret_shows_as_stars()
    {
        Logger().LogInformation("Signed in with {Token}", new Secret("00Dxx!AQ"));

        Lines.ShouldBe(["at=info msg=\"Signed in with ****\" logger=Tests token=****"]);
    }

    [Fact]
    public void Values_look_the_same_everywhere()
    {
        Logger().LogInformation(
            "{Rate} {At2} {Ids} {Nothing} {Empty}", 1.5, new DateTimeOffset(2026, 11, 22, 1, 2, 3, 4, TimeSpan.FromHours(2)), new[] { 1, 2 }, null, "");

        Lines.ShouldHaveSingleItem().ShouldEndWith("rate=1.5 at2=2026-11-21T23:02:03.004Z ids=1,2 nothing=null empty=\"\"");
    }

    [Fact]
    public void Libraries_speak_only_when_something_is_wrong_unless_debug_is_asked_for()
    {
        Logger("Microsoft.AspNetCore.Server.Kestrel").LogInformation("chatter");
        Logger("Microsoft.AspNetCore.Server.Kestrel").LogWarning("trouble");
        Logger("SalesforceBridge.Routes").LogDebug("detail");
        Logger("Microsoft.AspNetCore.Server.Kestrel", level: LogLevel.Debug).LogDebug("asked for");

        Lines.Select(line => line.Split('"')[1]).ShouldBe(["trouble", "asked for"]);
    }

    [Theory]
    [InlineData("Microsoft.AspNetCore.Hosting.Diagnostics")]
    [InlineData("Microsoft.AspNetCore.Routing.EndpointMiddleware")]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel.BadRequests")]
    public void Nobody_tells_the_path_that_was_asked_for(string teller)
    {
        ILogger logger = Logger(teller, level: LogLevel.Debug);

        logger.IsEnabled(LogLevel.Critical).ShouldBeFalse();
        using (logger.BeginScope(new Dictionary<string, object?> { ["RequestPath"] = "/outbound-messages/token" }))
            logger.LogError("POST /outbound-messages/token");

        Lines.ShouldBe([""]);
    }

    [Theory]
    [InlineData("ReplayId", "replay_id")]
    [InlineData("replayId", "replay_id")]
    [InlineData("HTTPStatus", "http_status")]
    [InlineData("Lane2Name", "lane2_name")]
    [InlineData("a b=c\"", "a_b_c_")]
    public void Names_are_in_snake_case(string name, string expected)
    {
        Names.SnakeCase(name).ShouldBe(expected);
    }

    public void Dispose() => _factories.ForEach(factory => factory.Dispose());

    private string[] Lines => Encoding.UTF8.GetString(_output.ToArray()).TrimEnd('\n').Split('\n');

    private ILogger Logger(string category = "Tests", LogFormat format = LogFormat.Logfmt, LogLevel level = LogLevel.Information)
    {
        ServiceProvider services = new ServiceCollection()
            .AddLogging(logging => logging.UseLines(new LogSettings(format, level), _output))
            .BuildServiceProvider();
        _factories.Add(services);
        return services.GetRequiredService<ILoggerFactory>().CreateLogger(category);
    }

    private static InvalidOperationException Thrown(string message)
    {
        try
        {
            throw new InvalidOperationException(message);
        }
        catch (InvalidOperationException error)
        {
            return error;
        }
    }

    [LoggerMessage(LogLevel.Information, "Stored {Count} from {Source} up to {ReplayId}.")]
    private static partial void Stored(ILogger logger, string source, int count, string replayId);
}
