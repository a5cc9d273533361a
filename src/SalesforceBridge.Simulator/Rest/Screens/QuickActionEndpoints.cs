using System.Text.Json;
using System.Text.Json.Nodes;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest.Screens;

/// <summary>Quick actions: listed, described, and pressed.</summary>
internal sealed class QuickActionEndpoints(Org org)
{
    public void Map(RouteGroupBuilder api)
    {
        MapActions(api.MapGroup("/quickActions"));
        MapActions(api.MapGroup("/sobjects/{type}/quickActions"));
    }

    private void MapActions(RouteGroupBuilder actions)
    {
        actions.MapGet("", List).Is(ApiCallKind.Describe);
        actions.MapGet("/{action}", (HttpContext context) => JsonReply.Ok(Summary(context, Require(context)))).Is(ApiCallKind.Describe);
        actions.MapGet("/{action}/describe", (HttpContext context) => Describe(Require(context))).Is(ApiCallKind.Describe);
        actions.MapGet("/{action}/defaultValues/{record?}", (HttpContext context, string? record) => DefaultValues(Require(context), record)).Is(ApiCallKind.Describe);
        actions.MapPost("/{action}", (HttpContext context, CancellationToken ct) => PressAsync(context, Require(context), ct)).Is(ApiCallKind.Create);
    }

    private JsonReply List(HttpContext context) => JsonReply.Ok(Here(context).Select(action => Summary(context, action)));

    private static object Summary(HttpContext context, QuickAction action)
    {
        string root = context.Call().Root;
        string url = (action.Context is null ? root : $"{root}/sobjects/{action.Context.Name}") + $"/quickActions/{action.Name}";
        return new
        {
            actionEnumOrId = action.Id,
            label = action.Label,
            name = action.Name,
            type = "Create",
            urls = new { defaultValues = $"{url}/defaultValues", quickAction = url, describe = $"{url}/describe", defaultValuesTemplate = $"{url}/defaultValues/{{ID}}" },
        };
    }

    private JsonReply Describe(QuickAction action) => JsonReply.Ok(new
    {
        actionEnumOrId = action.Id,
        colors = Array.Empty<object>(),
        contextSobjectType = action.Context?.Name,
        defaultValues = DefaultsOf(action),
        height = 200,
        iconName = (string?)null,
        iconUrl = (string?)null,
        icons = Array.Empty<object>(),
        label = action.Label,
        layout = new
        {
            collapsed = false,
            columns = 1,
            heading = (string?)null,
            layoutRows = Screen.FieldsOf(org, action.Target).Where(field => field.Createable)
                .Select(field => new { layoutItems = new[] { new { label = field.Label, required = field.Required, layoutComponents = new[] { new { type = "Field", value = field.Name } } } }, numItems = 1 }),
            tabOrder = "LeftToRight",
        },
        name = action.Name,
        targetParentField = action.Parent?.Name,
        targetRecordTypeId = (string?)null,
        targetSobjectType = action.Target.Name,
        type = "Create",
        width = (int?)null,
    });

    private static IEnumerable<object> DefaultsOf(QuickAction action) =>
        action.Target.Fields.Where(field => field.Default is not null).Select(field => new { defaultValue = field.Default, field = field.Name });

    private static JsonReply DefaultValues(QuickAction action, string? record)
    {
        var values = new Dictionary<string, object?> { ["attributes"] = new { type = action.Target.Name } };
        foreach (Field field in action.Target.Fields.Where(field => field.Default is not null))
            values[field.Name] = FieldValue.Parse(field, field.Default!);
        if (record is not null && action.Context is { } context)
            values[action.Parent!.Name] = context.RequireId(record);
        return JsonReply.Ok(values);
    }

    private async Task<IResult> PressAsync(HttpContext context, QuickAction action, CancellationToken ct)
    {
        JsonElement sent = await context.Request.ReadJsonAsync(ct);
        if (sent.ValueKind is not JsonValueKind.Object || !sent.TryGetProperty("record", out JsonElement record) || record.ValueKind is not JsonValueKind.Object)
            throw new ApiException(400, ApiError.Unreadable("The request needs an object with an object 'record'"));
        string? page = action.Context?.RequireId(sent.TryGetProperty("contextId", out JsonElement id) ? id.ToString() : "");
        WriteOutcome outcome = org.Write(context.Call().Actor, transaction => transaction.Create(action.Target, OnPage(record, action, page)));
        return outcome is WriteOutcome.Refused refused
            ? JsonReply.Error(refused.Status, refused.Error)
            : JsonReply.Created(new { contextId = page, created = true, errors = Array.Empty<object>(), feedItemIds = (object?)null, id = outcome.RecordId, success = true });
    }

    // The new record belongs to the one whose page it is made on, unless it says otherwise.
    private static JsonElement OnPage(JsonElement record, QuickAction action, string? page)
    {
        JsonObject fields = JsonObject.Create(record)!;
        if (page is not null)
            fields.TryAdd(action.Parent!.Name, page);
        return JsonSerializer.SerializeToElement(fields);
    }

    private IEnumerable<QuickAction> Here(HttpContext context) =>
        QuickAction.Of(org.Schema, context.GetRouteValue("type") is string type ? Screen.Require(org.Schema, type) : null);

    private QuickAction Require(HttpContext context)
    {
        string? name = context.GetRouteValue("action") as string;
        return Here(context).FirstOrDefault(action => action.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new ApiException(404, ApiError.NotFound);
    }
}
