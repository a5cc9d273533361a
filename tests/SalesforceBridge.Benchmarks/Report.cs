using System.Diagnostics;

namespace SalesforceBridge.Benchmarks;

/// <summary>Measures two things in turn and prints their ratio against what it must be.</summary>
internal sealed class Report(TextWriter output)
{
    /// <summary>Rounds that are not counted: this many it takes until most of the code was compiled for the last time.</summary>
    public const int WarmUps = 5;

    private const int Rounds = 9;

    /// <summary>How many ratios missed their bound.</summary>
    public int Misses { get; private set; }

    /// <summary>Ours against a baseline, in items per second; the median of several rounds, one after the other in each.</summary>
    public async Task CompareAsync(string name, int items, Func<Task<TimeSpan>> ours, string baselineName, Func<Task<TimeSpan>> baseline, double atLeast)
    {
        for (int n = 0; n < WarmUps; n++)
        {
            await baseline();
            await ours();
        }

        List<double> our = [], their = [], ratios = [];
        for (int n = 0; n < Rounds; n++)
        {
            their.Add(items / (await baseline()).TotalSeconds);
            our.Add(items / (await ours()).TotalSeconds);
            ratios.Add(our[^1] / their[^1]);
        }

        double ratio = Median(ratios);
        Line(name, $"{Median(our),9:n0}/s  {baselineName} {Median(their),9:n0}/s  ratio {ratio:0.00} ({ratios.Min():0.00} to {ratios.Max():0.00})", ratio >= atLeast, $">= {atLeast:0.00}");
    }

    /// <summary>A time of ours against a baseline's, each taken in every round of a comparison, the warm-ups first; the median of the rounds that count.</summary>
    public void CompareTimes(string name, IReadOnlyList<TimeSpan> ours, string baselineName, IReadOnlyList<TimeSpan> baseline, double atMost)
    {
        List<double> our = [.. ours.Skip(WarmUps).Select(time => time.TotalMilliseconds)], their = [.. baseline.Skip(WarmUps).Select(time => time.TotalMilliseconds)];
        List<double> ratios = [.. our.Zip(their, (one, other) => one / other)];
        Line(name, $"{Median(our):n1} ms  {baselineName} {Median(their):n1} ms  ratio {Median(ratios):0.00} ({ratios.Min():0.00} to {ratios.Max():0.00})", Median(ratios) <= atMost, $"<= {atMost:0.00}");
    }

    /// <summary>A number and its bound.</summary>
    public void Line(string name, string measured, bool isMet, string bound)
    {
        if (!isMet)
            Misses++;
        output.WriteLine($"{(isMet ? "ok  " : "MISS")}  {name,-52} {measured}  bound {bound}");
    }

    public static async Task<TimeSpan> TimeAsync(Func<Task> action)
    {
        long begun = Stopwatch.GetTimestamp();
        await action();
        return Stopwatch.GetElapsedTime(begun);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
