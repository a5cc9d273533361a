namespace SalesforceBridge.Tests.Crashes;

/// <summary>A database server of a test's own, to be crashed.</summary>
internal static class OwnServer
{
    /// <summary>What it committed survives its crash, though not the machine's.</summary>
    public static string[] Settings { get; } = ["fsync=off", "max_connections=100"];
}
