namespace SalesforceBridge.Benchmarks;

/// <summary>A million rows into Bulk jobs and out of them, through the client in a process of its own, against a server that takes and gives bytes.</summary>
internal static class BulkBenchmark
{
    private const long MostBytes = 150_000_000;

    public static async Task RunAsync(Report report)
    {
        await using BulkServer server = await BulkServer.StartAsync();
        // Each measures in a process of its own, so that the client's memory is the client's.
        await using var client = new BulkProcess(server.Address);
        await using var bare = new BulkProcess(server.Address);
        await report.CompareAsync("Bulk ingest, a million rows", BulkRows.Count, () => client.RunAsync("ingest"), "CSV written alone", () => bare.RunAsync("write"), 0.25);
        await report.CompareAsync("Bulk query, a million rows", BulkRows.Count, () => client.RunAsync("query"), "CSV parsed alone", () => bare.RunAsync("parse"), 0.25);
        long peak = await client.AskAsync("peak");
        report.Line("Bulk client, most memory", $"{peak / 1e6:n0} MB", peak < MostBytes, $"< {MostBytes / 1e6:n0} MB");
        report.Line("Bulk rows that arrived with the last upload", $"{server.RowsOfLastUpload:n0}", server.RowsOfLastUpload == BulkRows.Count, $"{BulkRows.Count:n0}");
    }
}
