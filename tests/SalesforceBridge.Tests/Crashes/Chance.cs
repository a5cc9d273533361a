namespace SalesforceBridge.Tests.Crashes;

/// <summary>Random numbers whose seed is printed; <c>CRASH_SEED</c> repeats a run's.</summary>
internal sealed class Chance
{
    private readonly Random _random;

    private Chance(int seed) => _random = new Random(seed);

    public static Chance New()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CRASH_SEED"), out int given) ? given : Random.Shared.Next(1, 100_000);
        var chance = new Chance(seed);
        chance.Note($"CRASH_SEED={seed}");
        return chance;
    }

    public int Next(int below) => _random.Next(below);

    /// <summary>Lets a random time pass: what it hits is what the test is about.</summary>
    public Task MomentAsync(TimeSpan least, TimeSpan most) =>
        Task.Delay(least + ((most - least) * _random.NextDouble()), TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>Writes a line beside the test's result.</summary>
    public void Note(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
