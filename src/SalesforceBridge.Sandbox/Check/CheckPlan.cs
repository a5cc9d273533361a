namespace SalesforceBridge.Sandbox.Check;

/// <summary>How much a check does.</summary>
/// <param name="Events">How many events the org has to tell of; for every ten or so it also calls out and sends an outbound message.</param>
/// <param name="Mishaps">What goes wrong on the way, one after the other.</param>
/// <param name="Kills">How often the worker is killed on the way.</param>
internal sealed record CheckPlan(int Events, IReadOnlyList<Mishap> Mishaps, int Kills)
{
    /// <summary>What <c>--check</c> does.</summary>
    public static CheckPlan Full { get; } = new(1000, Mishap.All, Kills: 2);
}
