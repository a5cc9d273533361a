using System.Globalization;

namespace SalesforceBridge.Configuration;

/// <summary>How many of the org's daily API requests the bridge may take.</summary>
internal abstract record ApiBudget
{
    private ApiBudget()
    {
    }

    /// <summary>What the bridge may take where nothing is said: a fifth of the org's limit stays with its other users.</summary>
    public static ApiBudget Default { get; } = new Share(80);

    /// <summary>As the config var says it.</summary>
    public sealed override string ToString() => this switch
    {
        Share share => string.Create(CultureInfo.InvariantCulture, $"{share.Percent}%"),
        Requests requests => requests.PerDay.ToString(CultureInfo.InvariantCulture),
        _ => GetType().Name,
    };

    /// <summary>A share of the org's limit, 1 to 100 percent.</summary>
    public sealed record Share(int Percent) : ApiBudget;

    /// <summary>A number of requests in 24 hours.</summary>
    public sealed record Requests(int PerDay) : ApiBudget;

    public static bool TryParse(string text, out ApiBudget budget)
    {
        bool isShare = text.EndsWith('%');
        bool isNumber = int.TryParse(text.TrimEnd('%').TrimEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        budget = isShare ? new Share(number) : new Requests(number);
        return isNumber && number > 0 && !(isShare && number > 100);
    }
}
