namespace SalesforceBridge.Configuration;

/// <summary>A value that must not be seen: printing it, or a record that holds it, shows four stars.</summary>
internal sealed class Secret(string value)
{
    /// <summary>The value, for the one place that sends it.</summary>
    public string Reveal() => value;

    /// <inheritdoc/>
    public override string ToString() => "****";
}
