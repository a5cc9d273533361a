using System.Text.RegularExpressions;

namespace SalesforceBridge.Messaging;

/// <summary>Whose changes of a table wake a route.</summary>
public enum ChangeOrigin
{
    /// <summary>Anybody's.</summary>
    Any,

    /// <summary>What Heroku Connect wrote.</summary>
    Salesforce,

    /// <summary>What anybody else wrote, other routes among them.</summary>
    App,
}

/// <summary>Which changes of a table do not wake a route: of another origin, of other columns, and echoes.</summary>
internal static partial class ChangeFilter
{
    /// <summary>Takes <c>from salesforce</c> or <c>from app</c> off an <c>on:</c> header, where it names a table.</summary>
    /// <exception cref="FormatException">Changes do not come from there.</exception>
    public static (string Source, ChangeOrigin From) Split(string on)
    {
        Match from = FromClause().Match(on);
        return from.Success
            ? (from.Groups["source"].Value, RouteHeaderValues.OneOf(from.Groups["origin"].Value, ("salesforce", ChangeOrigin.Salesforce), ("app", ChangeOrigin.App)))
            : (on, ChangeOrigin.Any);
    }

    /// <summary>Column names separated by commas, as SQL folds them.</summary>
    /// <exception cref="FormatException">The text is no such list.</exception>
    public static IReadOnlyList<string> Columns(string text) => Shapes.Columns().IsMatch(text)
        ? [.. Shapes.TablePart().Matches(text).Select(column => Folded(column.Value)).Distinct()]
        : throw new FormatException($"`{text}` is no list of columns; write their names with commas between (`email, phone`)");

    /// <summary>A condition on the message <c>i</c>, to be appended with "or": it is not for the route. Empty where the source is no table.</summary>
    public static string Passes(RouteDefinition route)
    {
        if (route.Source.Kind != SourceKind.Table)
            return "";
        string from = route.ChangesFrom switch
        {
            ChangeOrigin.Salesforce => " or coalesce(i.payload->>'origin' <> 'salesforce', false)",
            ChangeOrigin.App => " or coalesce(i.payload->>'origin' = 'salesforce', false)",
            _ => "",
        };
        string columns = string.Join(", ", route.Columns.Select(BridgeSchema.Literal));
        return columns.Length == 0
            ? $"{from} or coalesce(i.payload ? 'echo', false)"
            : $"{from} or coalesce(i.payload->>'operation' = 'update' and jsonb_typeof(i.payload->'changed') = 'array' and not i.payload->'changed' ?| array[{columns}], false)";
    }

    /// <summary>A name as SQL understands it.</summary>
    public static string Folded(string column) => column[0] == '"' ? column[1..^1].Replace("\"\"", "\"") : column.ToLowerInvariant();

    [GeneratedRegex(@"^(?<source>\s*table\s+.*\S)\s+from\s+(?<origin>\w+)\s*\z", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FromClause();
}
