namespace SalesforceBridge.Configuration;

/// <summary>A config var that cannot be used: its name, why, and how to put it right. Never a secret's value.</summary>
internal sealed record SettingFault(string Name, string Why, string Fix)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Why}. {Fix}";
}

/// <summary>What came of reading the config vars: settings, or every fault at once.</summary>
internal abstract record Reading<T>
{
    private Reading()
    {
    }

    public sealed record Valid(T Settings) : Reading<T>;

    public sealed record Invalid(IReadOnlyList<SettingFault> Faults) : Reading<T>
    {
        /// <summary>The refusal to start, a line per fault.</summary>
        public string Refusal => string.Join('\n',
            [$"SalesforceBridge was not started: {Count} cannot be used.", .. Faults.Select(fault => $"  {fault}")]);

        private string Count => Faults.Count == 1 ? "1 config var" : $"{Faults.Count} config vars";
    }
}
