using System.Text;

namespace SalesforceBridge.Messaging;

/// <summary>The routes of a folder: every <c>*.sql</c> file directly in it, in the order of their names.</summary>
/// <param name="Files">The files read, with and without faults.</param>
/// <param name="Faults">The faults of the folder and of all its files, each with its file's name in front.</param>
public sealed record RouteFolder(IReadOnlyList<RouteFile> Files, IReadOnlyList<string> Faults)
{
    /// <summary>The largest file read, in bytes.</summary>
    public const int LargestFile = 256 * 1024;

    private static readonly EnumerationOptions AnyCase = new() { MatchCasing = MatchCasing.CaseInsensitive };

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a folder. Never throws for what is in it or missing: that is in <see cref="Faults"/>.</summary>
    /// <param name="path">The folder.</param>
    public static RouteFolder Read(string path)
    {
        List<(string File, RouteFile Route)> read = [];
        try
        {
            foreach (string file in Directory.EnumerateFiles(path, "*.sql", AnyCase))
                read.Add((Path.GetFileName(file), ReadFile(file)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new([], [$"the folder `{path}` of routes cannot be read ({e.Message}); create it or name another one"]);
        }

        read.Sort((a, b) => string.CompareOrdinal(a.File, b.File));
        List<RouteFile> files =
            [.. read.Select(one => Clash(one.File, one.Route, read) is { } clash ? one.Route.Clashing(clash) : one.Route)];
        return new(files, [.. files.Zip(read, (file, one) => file.Faults.Select(fault => $"{one.File}: {fault}")).SelectMany(told => told)]);
    }

    private static RouteFile ReadFile(string file)
    {
        string name = Path.GetFileNameWithoutExtension(file);
        try
        {
            using FileStream stream = File.OpenRead(file);
            if (stream.Length > LargestFile)
                return RouteFile.Refused(name, $"the file has {stream.Length} bytes, a route at most {LargestFile}; move data into a table");

            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes.Length == 0
                ? RouteFile.Refused(name, "the file is empty; write header lines and a statement, or remove it")
                : RouteFile.Parse(name, StrictUtf8.GetString(bytes));
        }
        catch (DecoderFallbackException)
        {
            return RouteFile.Refused(name, "the file is not UTF-8; save it as UTF-8");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return RouteFile.Refused(name, $"the file cannot be read ({e.Message}); make it readable or remove it");
        }
    }

    // Two routes must not own one cursor, be it by name or by a former name. On some machines file names differ by case only.
    private static string? Clash(string file, RouteFile route, List<(string File, RouteFile Route)> all)
    {
        foreach ((string otherFile, RouteFile other) in all.Where(one => one.File != file))
        {
            if (other.Name.Equals(route.Name, StringComparison.OrdinalIgnoreCase))
                return $"the route has the same name as `{otherFile}`; rename one of them";
            if (route.Definition?.Was is not { } was)
                continue;
            if (other.Name == was)
                return $"`was: {was}` names a route that still exists; remove the line, or the file `{otherFile}`";
            if (other.Definition?.Was == was)
                return $"`was: {was}` stands in `{otherFile}` too and a cursor goes to one route only; remove one of the lines";
        }

        return null;
    }
}
