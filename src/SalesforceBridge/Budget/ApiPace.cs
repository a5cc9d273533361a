namespace SalesforceBridge.Budget;

/// <summary>How the bridge slows down before it stops. Tests use shorter times.</summary>
internal sealed record ApiPace
{
    /// <summary>From this share of the budget on commands are refused.</summary>
    public double CommandsStop { get; init; } = 0.8;

    /// <summary>From this share on the time between polls grows.</summary>
    public double PollsStretch { get; init; } = 0.8;

    /// <summary>From this share on there is a pause between two calls of lanes.</summary>
    public double DeliveriesSlow { get; init; } = 0.9;

    /// <summary>How much longer polls and pauses become at most.</summary>
    public double MostStretch { get; init; } = 10;

    /// <summary>The first of these pauses.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long nothing is tried when the budget is used up, and how long what the org said of its quota is believed.</summary>
    public TimeSpan Look { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long after a refusal of the whole org that names no time one call looks whether it is over.</summary>
    public TimeSpan OrgProbe { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often calls are written down while some are made.</summary>
    public TimeSpan Note { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many calls a process puts aside for itself at most, where the budget is a number.</summary>
    public int MostTaken { get; init; } = 100;

    /// <summary>How many times longer something takes at this share of the budget, if it slows from another share on.</summary>
    public double Stretch(double share, double from) => Math.Clamp((1 - from) / Math.Max(1 - share, double.Epsilon), 1, MostStretch);
}
