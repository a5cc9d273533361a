namespace SalesforceBridge.Sandbox;

/// <summary>Finds the folder of route files.</summary>
internal static class RouteFiles
{
    private const string Folder = "sql/routes";

    /// <summary>The folder that was named, else the repository's.</summary>
    /// <exception cref="InvalidOperationException">There is none; the message says what to do.</exception>
    public static string Find(string? named)
    {
        if (named is not null)
            return Directory.Exists(named) ? Path.GetFullPath(named) : throw new InvalidOperationException($"BRIDGE_ROUTES is {named}, and there is no such folder.");
        return Above(AppContext.BaseDirectory) ?? Above(Directory.GetCurrentDirectory())
            ?? throw new InvalidOperationException($"There is no folder {Folder} above the program or here. Run it in the repository, or name a folder in BRIDGE_ROUTES.");
    }

    private static string? Above(string start)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            string routes = Path.Combine(folder.FullName, Folder);
            if (Directory.Exists(routes))
                return routes;
        }

        return null;
    }
}
