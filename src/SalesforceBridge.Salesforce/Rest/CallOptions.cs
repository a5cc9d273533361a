namespace SalesforceBridge.Salesforce.Rest;

/// <summary>The header by which a call tells the org who makes it.</summary>
internal static class CallOptions
{
    public const string Header = "Sforce-Call-Options";

    /// <exception cref="ArgumentException">The name has a comma or a semicolon, which end it.</exception>
    public static string Client(string name) => name.AsSpan().IndexOfAny(',', ';') < 0
        ? $"client={name}"
        : throw new ArgumentException($"The client name '{name}' must not hold a comma or a semicolon.", nameof(name));
}
