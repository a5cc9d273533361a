namespace SalesforceBridge.Sandbox;

/// <summary>The tables of the app on the Postgres side; the example routes write to them.</summary>
internal static class AppTables
{
    /// <summary>What creates them where they are missing.</summary>
    public static string Sql { get; } = Read();

    private static string Read()
    {
        using Stream stream = typeof(AppTables).Assembly.GetManifestResourceStream("AppTables.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
