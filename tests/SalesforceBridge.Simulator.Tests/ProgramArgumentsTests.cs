using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests;

public sealed class ProgramArgumentsTests
{
    [Fact]
    public async Task Arguments_become_options()
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "org: {}", OrgDriver.Ct);

        SimulatorOptions options = ProgramArguments.Read(["--port", "8080", "--schema", file, "--rules", file, "--retry-speed", "60", "--daily-requests", "9", "--token-seconds", "8", "--poll-seconds", "3", "--abandon-seconds", "2"]);

        File.Delete(file);
        options.ShouldBe(new SimulatorOptions
        {
            Port = 8080,
            SchemaYaml = "org: {}",
            RulesYaml = "org: {}",
            RetrySpeed = 60,
            DailyApiRequests = 9,
            TokenLifetime = TimeSpan.FromSeconds(8),
            PollTimeout = TimeSpan.FromSeconds(3),
            AbandonTimeout = TimeSpan.FromSeconds(2),
        });
    }

    [Theory]
    [InlineData("--port needs a value.", "--port")]
    [InlineData("--port needs a whole number, not 'x'.", "--port", "x")]
    [InlineData("There is no argument --prot.", "--prot", "1")]
    public void A_wrong_argument_is_named(string message, params string[] arguments) =>
        Should.Throw<ArgumentException>(() => ProgramArguments.Read(arguments)).Message.ShouldStartWith(message);
}
