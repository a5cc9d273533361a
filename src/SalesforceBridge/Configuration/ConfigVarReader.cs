namespace SalesforceBridge.Configuration;

/// <summary>Reads config vars one by one and collects what is wrong with them.</summary>
internal sealed class ConfigVarReader(IReadOnlyDictionary<string, string> environment)
{
    private readonly List<SettingFault> _faults = [];

    /// <summary>Reads the text of a value; false when it has another form.</summary>
    public delegate bool Parser<T>(string text, out T value);

    /// <summary>The value without surrounding blanks; <c>null</c> when it is not set or empty.</summary>
    public string? Text(ConfigVar variable) => Text(variable.Name);

    /// <inheritdoc cref="Text(ConfigVar)"/>
    public string? Text(string name) =>
        environment.GetValueOrDefault(name)?.Trim() is { Length: > 0 } text ? text : null;

    /// <summary>The names of what is set and begins so, in order.</summary>
    public IReadOnlyList<string> NamesFrom(string prefix) =>
        [.. environment.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && Text(name) is not null).Order(StringComparer.Ordinal)];

    public bool IsSet(ConfigVar variable) => Text(variable) is not null;

    public Secret? Secret(ConfigVar variable) => Text(variable) is { } text ? new Secret(text) : null;

    /// <summary>The parsed value, or <paramref name="missing"/> when it is not set or a fault was noted.</summary>
    /// <param name="variable">Whose value.</param>
    /// <param name="parse">Reads it.</param>
    /// <param name="missing">The default.</param>
    /// <param name="wanted">What it should have been, after "not".</param>
    /// <param name="fix">What to do, a sentence.</param>
    public T Value<T>(ConfigVar variable, Parser<T> parse, T missing, string wanted, string fix)
    {
        if (Text(variable) is not { } text)
            return missing;
        if (parse(text, out T value))
            return value;
        Fault(variable, $"is {Shown(variable, text)}, not {wanted}", fix);
        return missing;
    }

    public void Fault(ConfigVar variable, string why, string fix) => _faults.Add(new SettingFault(variable.Name, why, fix));

    /// <summary>What was read, or every fault noted on the way.</summary>
    public Reading<T> Conclude<T>(T settings) =>
        _faults.Count == 0 ? new Reading<T>.Valid(settings) : new Reading<T>.Invalid(_faults);

    // An address may carry a password before its @ or a token after its question mark, whoever put them there.
    private static string Shown(ConfigVar variable, string text) =>
        variable.IsSecret || (text.Contains("://") && text.AsSpan().ContainsAny('@', '?')) ? "**** (hidden)" : $"'{OnOneLine(text)}'";

    private static string OnOneLine(string text) =>
        new([.. (text.Length <= 80 ? text : $"{text[..77]}...").Select(letter => char.IsControl(letter) ? '?' : letter)]);
}
