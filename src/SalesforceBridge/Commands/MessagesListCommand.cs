using System.CommandLine;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge messages list</c>: the newest messages of the inbox.</summary>
internal sealed class MessagesListCommand : BridgeCommand
{
    private readonly Option<string> _source = new("--source") { Description = "Of one source, such as \"event Order_Placed__e\"" };
    private readonly Option<string> _key = new("--key") { Description = "With the source's own key, such as a record's id" };
    private readonly Option<long?> _before = new("--before") { Description = "Older than this id" };
    private readonly Option<bool> _faulty = new("--faulty") { Description = "Only those that no route can read" };
    private readonly Option<int> _limit = new("--limit") { Description = "At most so many, 1 to 1000", DefaultValueFactory = _ => 20 };

    public MessagesListCommand(CommandContext context)
        : base("list", "Lists the newest messages", context)
    {
        foreach (Option option in (Option[])[_source, _key, _before, _faulty, _limit])
            Add(option);
    }

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        MessageLog log = await session.OpenAsync<MessageLog>(ct);
        IReadOnlyList<MessageHeader> messages = await log.ListAsync(
            new MessageFilter
            {
                Source = session.Value(_source),
                Key = session.Value(_key),
                Before = session.Value(_before),
                FaultyOnly = session.Value(_faulty),
                Limit = Math.Clamp(session.Value(_limit), 1, 1000),
            }, ct);
        await session.PrintAsync(messages, CommandJson.Default.IReadOnlyListMessageHeader, Text);
        return 0;
    }

    private static string Text(IReadOnlyList<MessageHeader> messages)
    {
        var table = new TextTable("ID", "RECEIVED", "SOURCE", "KEY", "FOR", "BYTES", "FAULT");
        foreach (MessageHeader message in messages)
            table.Add($"{message.Id}", $"{message.ReceivedAt:u}", message.Source, message.Key, message.ForRoute, $"{message.Bytes}", message.Fault);
        return table.IsEmpty ? "There are no such messages." : table.ToString();
    }
}
