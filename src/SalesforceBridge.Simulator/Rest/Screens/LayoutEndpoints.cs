using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest.Screens;

/// <summary>How the pages of an object are laid out: one section with all its fields, for everybody.</summary>
internal sealed class LayoutEndpoints(Org org)
{
    private const string LayoutPrefix = "00h";
    private const string MasterRecordType = "012000000000000AAA";

    private static readonly bool[] NobodyIsAsked = [false];

    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder describe = api.MapGroup("/sobjects/{type}/describe");
        describe.MapGet("/layouts", (HttpContext context, string type) => Layouts(context.Call(), type)).Is(ApiCallKind.Describe);
        describe.MapGet("/layouts/{recordType}", (string type, string recordType) => LayoutOf(type, recordType)).Is(ApiCallKind.Describe);
        describe.MapGet("/compactLayouts", (string type) => CompactLayouts(type)).Is(ApiCallKind.Describe);
        describe.MapGet("/approvalLayouts", (string type) => ApprovalLayouts(type)).Is(ApiCallKind.Describe);
    }

    private JsonReply Layouts(ApiCall call, string type)
    {
        ObjectType target = Screen.Require(org.Schema, type);
        return JsonReply.Ok(new
        {
            layouts = new[] { Layout(target) },
            recordTypeMappings = new[]
            {
                new
                {
                    active = true,
                    available = true,
                    defaultRecordTypeMapping = true,
                    developerName = "Master",
                    layoutId = IdOf(target),
                    master = true,
                    name = "Master",
                    picklistsForRecordType = (object?)null,
                    recordTypeId = MasterRecordType,
                    urls = new { layout = $"{call.Root}/sobjects/{target.Name}/describe/layouts/{MasterRecordType}" },
                },
            },
            recordTypeSelectorRequired = NobodyIsAsked,
        });
    }

    private JsonReply LayoutOf(string type, string recordType) => SalesforceId.Normalise(recordType) == MasterRecordType
        ? JsonReply.Ok(Layout(Screen.Require(org.Schema, type)))
        : throw new ApiException(404, ApiError.NotFound);

    private object Layout(ObjectType type) => new
    {
        buttonLayoutSection = (object?)null,
        detailLayoutSections = new[] { Section(type) },
        editLayoutSections = new[] { Section(type) },
        feedView = (object?)null,
        highlightsPanelLayoutSection = (object?)null,
        id = IdOf(type),
        multirowEditLayoutSections = Array.Empty<object>(),
        offlineLinks = Array.Empty<object>(),
        quickActionList = new { quickActionListItems = Array.Empty<object>() },
        relatedContent = (object?)null,
        relatedLists = Array.Empty<object>(),
        saveOptions = Array.Empty<object>(),
    };

    private object Section(ObjectType type)
    {
        object[] rows = [.. Screen.FieldsOf(org, type).Select(field => new { layoutItems = new[] { Item(field) }, numItems = 1 })];
        return new
        {
            collapsed = false,
            columns = 1,
            heading = $"{type.Label} Information",
            layoutRows = rows,
            layoutSectionId = (string?)null,
            parentLayoutId = IdOf(type),
            rows = rows.Length,
            tabOrder = "LeftToRight",
            useCollapsibleSection = false,
            useHeading = true,
        };
    }

    private static object Item(Field field) => new
    {
        editableForNew = field.Createable,
        editableForUpdate = field.Updateable,
        label = field.Label,
        layoutComponents = new[] { new { details = DetailsOf(field), displayLines = 1, tabOrder = 1, type = "Field", value = field.Name } },
        placeholder = false,
        required = field.Required,
    };

    private static JsonElement DetailsOf(Field field) => JsonElement.Parse(OrgJson.Write(json => DescribeEndpoints.WriteField(json, field)));

    // Of compact layouts there is the one that an org begins with: the name.
    private JsonReply CompactLayouts(string type)
    {
        ObjectType target = Screen.Require(org.Schema, type);
        return JsonReply.Ok(new
        {
            compactLayouts = new[]
            {
                new
                {
                    actions = Array.Empty<object>(),
                    fieldItems = Screen.FieldsOf(org, target).Take(1).Select(Item),
                    id = (string?)null,
                    imageItems = Array.Empty<object>(),
                    label = "System Default",
                    name = "SYSTEM",
                    objectType = target.Name,
                },
            },
            defaultCompactLayoutId = (string?)null,
            recordTypeCompactLayoutMappings = new[]
            {
                new { available = true, compactLayoutId = (string?)null, compactLayoutName = "SYSTEM", recordTypeId = MasterRecordType, recordTypeName = "Master" },
            },
            urls = new { },
        });
    }

    private JsonReply ApprovalLayouts(string type)
    {
        ObjectType target = Screen.Require(org.Schema, type);
        return JsonReply.Ok(new
        {
            approvalLayouts = org.Schema.Automation.Approvals.Where(process => process.Type == target).Select(process => new
            {
                id = process.Id,
                label = process.Name,
                layoutItems = Screen.FieldsOf(org, target).Take(1).Select(Item),
                name = process.Name,
            }),
        });
    }

    private string IdOf(ObjectType type) => SalesforceId.Number(LayoutPrefix, org.Schema.Objects.Values.Index().First(each => each.Item == type).Index + 1);
}
