using System.Text;

namespace SalesforceBridge.Commands;

/// <summary>A table for a terminal: columns as wide as their longest cell, two blanks between, no lines.</summary>
internal sealed class TextTable(params string[] headers)
{
    private readonly List<string[]> _rows = [headers];

    public bool IsEmpty => _rows.Count == 1;

    public void Add(params string?[] cells) => _rows.Add([.. cells.Select(OnOneLine)]);

    /// <inheritdoc/>
    public override string ToString()
    {
        int[] widths = [.. Enumerable.Range(0, headers.Length).Select(column => _rows.Max(row => row[column].Length))];
        return string.Join('\n', _rows.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()));
    }

    private static string OnOneLine(string? cell)
    {
        var line = new StringBuilder(cell);
        for (int at = 0; at < line.Length; at++)
        {
            if (char.IsControl(line[at]))
                line[at] = ' ';
        }

        return line.ToString();
    }
}
