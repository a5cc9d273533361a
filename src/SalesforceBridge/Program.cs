using System.Collections;
using SalesforceBridge.Commands;

Dictionary<string, string> environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
    .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "", StringComparer.Ordinal);

return await BridgeCommands.RunAsync(args, environment, Console.Out, Console.Error);
