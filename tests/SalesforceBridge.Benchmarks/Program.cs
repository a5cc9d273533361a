using SalesforceBridge.Benchmarks;

// Each measurement runs beside its baseline in this process, several times in turn, so that a noisy machine is noisy for both.
if (args is [BulkClient.Argument, { } org])
    return await BulkClient.ServeAsync(new Uri(org));

Dictionary<string, Func<Report, Task>> all = new()
{
    ["routes"] = RouteBenchmark.RunAsync,
    ["stream"] = StreamBenchmark.RunAsync,
    ["callouts"] = CalloutBenchmark.RunAsync,
    ["callouts-far"] = CalloutBenchmark.RunFarAsync,
    ["outbound-messages"] = CalloutBenchmark.RunOutboundMessagesAsync,
    ["api-calls"] = ApiCallBenchmark.RunAsync,
    ["client"] = ClientBenchmark.RunAsync,
    ["bulk"] = BulkBenchmark.RunAsync,
    ["tables"] = TableBenchmark.RunAsync,
    ["tables-idle"] = IdleTables.RunAsync,
};
string[] chosen = args.Length == 0 ? [.. all.Keys] : args;
if (chosen.FirstOrDefault(name => !all.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"There is no benchmark `{unknown}`; choose of: {string.Join(", ", all.Keys)}.");
    return 2;
}

var report = new Report(Console.Out);
foreach (string name in chosen)
    await all[name](report);
return report.Misses == 0 ? 0 : 1;
