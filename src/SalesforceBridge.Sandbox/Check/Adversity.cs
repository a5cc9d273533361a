namespace SalesforceBridge.Sandbox.Check;

/// <summary>What really went wrong: a check in which nothing did would prove nothing.</summary>
internal sealed class Adversity
{
    /// <summary>Faults that struck as often as they were to.</summary>
    public int Struck { get; set; }

    /// <summary>How often the worker was killed.</summary>
    public int Kills { get; set; }

    /// <summary>How often it came back.</summary>
    public int Returns { get; set; }

    public IEnumerable<Promise> Promises(CheckPlan plan) =>
    [
        Promise.Of("faults that really struck", plan.Mishaps.Count, Struck),
        Promise.Of("worker killed, and started again", plan.Kills, Math.Min(Kills, Returns)),
    ];
}
