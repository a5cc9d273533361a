namespace SalesforceBridge.Simulator.HerokuConnect;

/// <summary>Names and texts inside statements.</summary>
internal static class Names
{
    /// <summary>As an identifier.</summary>
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"")}\"";

    /// <summary>As a literal.</summary>
    public static string Literal(string text) => $"'{text.Replace("'", "''")}'";
}
