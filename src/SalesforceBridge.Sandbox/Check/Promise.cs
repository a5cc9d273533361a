namespace SalesforceBridge.Sandbox.Check;

/// <summary>One line of the table: what was promised, and what is seen of it.</summary>
/// <param name="What">In words.</param>
/// <param name="Expected">What must be seen.</param>
/// <param name="Seen">What is seen, with a remark where something more is worth knowing.</param>
/// <param name="IsKept">Whether that is what was promised.</param>
internal sealed record Promise(string What, string Expected, string Seen, bool IsKept)
{
    /// <summary>A count that must be exact.</summary>
    public static Promise Of(string what, long expected, long seen, string remark = "") =>
        new(what, $"{expected}", $"{seen}{remark}", expected == seen);

    /// <summary>As text, a line each.</summary>
    public static string Table(IReadOnlyCollection<Promise> promises)
    {
        Promise[] rows = [new("promise", "expected", "seen", IsKept: true), .. promises];
        int[] widths = [rows.Max(row => row.What.Length), rows.Max(row => row.Expected.Length), rows.Max(row => row.Seen.Length)];
        return string.Join('\n', rows.Select((row, n) =>
            $"{row.What.PadRight(widths[0])} | {row.Expected.PadLeft(widths[1])} | {row.Seen.PadRight(widths[2])} | {(n == 0 ? "ok" : row.IsKept ? "yes" : "NO")}"));
    }
}
