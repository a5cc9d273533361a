using System.CommandLine;
using System.Text.Json;
using SalesforceBridge.Messaging;
using SalesforceBridge.Routes;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Commands;

/// <summary>
/// <c>bridge publish</c>: a message for the bridge's own route, whose lane publishes it. The org is asked first whether it
/// knows event and fields, since a lane stops for what the org would refuse of every event.
/// </summary>
internal sealed class PublishCommand : BridgeCommand
{
    private readonly Argument<string> _event = new("event") { Description = "The event's API name, such as Order_Placed__e" };
    private readonly Option<string> _payload = new("--payload") { Description = "A file with the event's fields as a JSON object; - for the standard input", Required = true };

    public PublishCommand(CommandContext context)
        : base("publish", "Publishes a Platform Event through the outbox", context)
    {
        Add(_event);
        Add(_payload);
    }

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        RouteAction.Deliver publish = ActionOf(session.Value(_event));
        JsonElement fields = FieldsOf(await session.ReadAsync(session.Value(_payload)!, ct));
        string? unasked = await AskOrgAsync(session, publish, fields, ct);
        // Another org's lane would not make it, and later perhaps in an org for which it was not meant.
        if (unasked is null)
            await session.RequireOwnOrgAsync("Nothing is published.", ct);
        long id = await AcceptAsync(session, new PublishRequest(session.Value(_event), fields), ct);
        await session.PrintAsync(new PublishReport(id, PublishRoute.Source, unasked), CommandJson.Default.PublishReport, Text);
        return 0;
    }

    private static RouteAction.Deliver ActionOf(string name)
    {
        try
        {
            return (RouteAction.Deliver)RouteAction.Parse($"publish {name}");
        }
        catch (FormatException)
        {
            throw new RefusedException($"`{name}` is no Platform Event; its API name ends in __e, such as Order_Placed__e.");
        }
    }

    private static JsonElement FieldsOf(byte[] payload)
    {
        if (JsonFault.Find(payload) is { } fault)
            throw new RefusedException($"The payload cannot be published: {fault}");
        var fields = JsonElement.Parse(payload);
        return fields.ValueKind == JsonValueKind.Object
            ? fields
            : throw new RefusedException("The payload is no JSON object. Write the event's fields, such as {\"Order_Id__c\": \"a001\"}.");
    }

    /// <returns>Why the org could not be asked; null when it could and has no objection.</returns>
    /// <exception cref="RefusedException">The org would refuse the event.</exception>
    private static async Task<string?> AskOrgAsync(CommandSession session, RouteAction.Deliver publish, JsonElement fields, CancellationToken ct)
    {
        var check = new OrgCheck(session.Org);
        try
        {
            IReadOnlyList<string> faults = await check.FaultsOfAsync(publish, [.. fields.EnumerateObject().Select(field => new RouteColumn(field.Name, "jsonb"))], ct);
            return faults.Count == 0 ? null : throw new RefusedException($"The org would refuse it: {string.Join("; ", faults)}.");
        }
        catch (SalesforceException error)
        {
            return error.Message;
        }
    }

    private static async Task<long> AcceptAsync(CommandSession session, PublishRequest request, CancellationToken ct)
    {
        Cursors cursors = await session.OpenAsync<Cursors>(ct);
        InboxLog inbox = await session.OpenAsync<InboxLog>(ct);
        MessageLog log = await session.OpenAsync<MessageLog>(ct);
        string dedupeKey = $"{Guid.CreateVersion7()}";
        await cursors.EnrolAsync([(PublishRoute.Source, null)], ct);
        await inbox.AcceptAsync(
            [new SourcePosition(PublishRoute.Source, Epoch: 0, Position: null)],
            [new NewMessage(PublishRoute.Source, request.ToJson()) { DedupeKey = dedupeKey, OccurredAt = session.Time.GetUtcNow() }], ct);
        return (await log.IdOfAsync(PublishRoute.Source, dedupeKey, ct))!.Value;
    }

    private static string Text(PublishReport report) =>
        $"Message {report.Id} is accepted; the worker publishes it by route {PublishRoute.Name}.{(report.Unasked is null ? "" : $" The org was not asked whether it knows the event: {report.Unasked}")}";
}

/// <summary>What <c>bridge publish</c> accepted.</summary>
internal sealed record PublishReport(long Id, string Source, string? Unasked);
