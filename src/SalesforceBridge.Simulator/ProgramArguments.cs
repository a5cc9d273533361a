using System.Globalization;

namespace SalesforceBridge.Simulator;

/// <summary>The command line.</summary>
internal static class ProgramArguments
{
    /// <exception cref="ArgumentException">An argument is unknown or lacks its value.</exception>
    public static SimulatorOptions Read(string[] args)
    {
        var options = new SimulatorOptions();
        for (int at = 0; at < args.Length; at += 2)
        {
            string value = at + 1 < args.Length ? args[at + 1] : throw new ArgumentException($"{args[at]} needs a value.", nameof(args));
            options = args[at] switch
            {
                "--port" => options with { Port = Number(args[at], value) },
                "--schema" => options with { SchemaYaml = File.ReadAllText(value) },
                "--rules" => options with { RulesYaml = File.ReadAllText(value) },
                "--retry-speed" => options with { RetrySpeed = Number(args[at], value) },
                "--jwt-certificate" => options with { JwtCertificate = File.ReadAllText(value) },
                "--daily-requests" => options with { DailyApiRequests = Number(args[at], value) },
                "--token-seconds" => options with { TokenLifetime = TimeSpan.FromSeconds(Number(args[at], value)) },
                "--poll-seconds" => options with { PollTimeout = TimeSpan.FromSeconds(Number(args[at], value)) },
                "--abandon-seconds" => options with { AbandonTimeout = TimeSpan.FromSeconds(Number(args[at], value)) },
                _ => throw new ArgumentException($"There is no argument {args[at]}.", nameof(args)),
            };
        }
        return options;
    }

    private static int Number(string name, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new ArgumentException($"{name} needs a whole number, not '{text}'.", nameof(text));
}
