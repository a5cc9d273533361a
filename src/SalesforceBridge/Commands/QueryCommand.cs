using System.CommandLine;
using System.Text.Json;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge query</c>: a SOQL query's records, printed page by page as they come.</summary>
internal sealed class QueryCommand : BridgeCommand
{
    private readonly Argument<string> _soql = new("soql") { Description = "The query, in quotes" };

    public QueryCommand(CommandContext context)
        : base("query", "Runs a SOQL query; with --json each record is a line", context) => Add(_soql);

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        TextWriter output = session.Output;
        await foreach (QueryPage<JsonElement> page in session.Org.QueryPagesAsync(session.Value(_soql), CommandJson.Default.JsonElement, ct))
        {
            if (page.Records.Count == 0)
                await output.WriteLineAsync(session.WantsJson ? $$"""{"totalSize":{{page.TotalSize}}}""" : $"{page.TotalSize} records");
            else if (session.WantsJson)
                await output.WriteLineAsync(string.Join('\n', page.Records.Select(record => record.GetRawText())));
            else
                await output.WriteLineAsync(TableOf(page.Records));
        }

        return 0;
    }

    private static string TableOf(IReadOnlyList<JsonElement> records)
    {
        string[] columns = [.. records.SelectMany(record => CellsOf(record, "")).Select(cell => cell.Column).Distinct()];
        var table = new TextTable(columns);
        foreach (JsonElement record in records)
        {
            Dictionary<string, string> cells = CellsOf(record, "").ToDictionary(cell => cell.Column, cell => cell.Value);
            table.Add([.. columns.Select(cells.GetValueOrDefault)]);
        }

        return table.ToString();
    }

    // A parent's fields stand beside the record's own, as Account.Name.
    private static IEnumerable<(string Column, string Value)> CellsOf(JsonElement record, string prefix)
    {
        foreach (JsonProperty field in record.EnumerateObject())
        {
            if (field.Name == "attributes")
                continue;
            if (field.Value.ValueKind == JsonValueKind.Object)
            {
                foreach ((string, string) cell in CellsOf(field.Value, $"{prefix}{field.Name}."))
                    yield return cell;
            }
            else
            {
                yield return ($"{prefix}{field.Name}", field.Value.ToString());
            }
        }
    }
}
