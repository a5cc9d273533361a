using System.CommandLine;
using System.Text;
using System.Text.Json;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge messages show</c>: one message with its payload, or with what came where that is no JSON.</summary>
internal sealed class MessagesShowCommand : BridgeCommand
{
    private readonly Argument<long> _id = new("id") { Description = "The message's id" };

    public MessagesShowCommand(CommandContext context)
        : base("show", "Shows a message and its payload", context) => Add(_id);

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        long id = session.Value(_id);
        MessageLog log = await session.OpenAsync<MessageLog>(ct);
        if (await log.FindAsync(id, ct) is not { } message)
            throw new RefusedException($"There is no message {id}, or it is no longer kept: see `bridge messages list`.");
        JsonElement? payload = message.Payload is { } json ? JsonElement.Parse(json) : null;
        await session.PrintAsync(new MessageReport(message.Header, message.Failures, payload, message.Raw), CommandJson.Default.MessageReport, Text);
        return 0;
    }

    private static string Text(MessageReport report)
    {
        MessageHeader message = report.Message;
        var text = new StringBuilder();
        text.AppendLine($"message {message.Id} of {message.Source}");
        text.AppendLine($"received  {message.ReceivedAt:u}{(message.OccurredAt is { } at ? $", occurred {at:u}" : "")}");
        if (message.Key is { } key)
            text.AppendLine($"key       {key}");
        if (message.ForRoute is { } route)
            text.AppendLine($"for       route {route} alone, by a backfill");
        if (message.Origin is { } origin)
            text.AppendLine($"caused by {origin}");
        if (message.Fault is { } fault)
            text.AppendLine($"fault     {fault}");
        foreach (string failure in report.Failures)
            text.AppendLine($"failure   {failure}");
        return text.Append(report.Payload is { } payload ? JsonSerializer.Serialize(payload, CommandJson.Default.JsonElement) : report.Raw).ToString();
    }
}

/// <summary>A message with everything that is known of it.</summary>
internal sealed record MessageReport(MessageHeader Message, IReadOnlyList<string> Failures, JsonElement? Payload, string? Raw);
