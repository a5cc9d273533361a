using System.Globalization;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;
using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Rest.Screens;

/// <summary>The list views of an object, their queries, and what they find.</summary>
internal sealed class ListViewEndpoints(Org org)
{
    private const int UsualSize = 25;
    private const int LargestSize = 2000;

    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder views = api.MapGroup("/sobjects/{type}/listviews");
        views.MapGet("", (HttpContext context, string type) => List(context.Call(), type)).Is(ApiCallKind.Describe);
        views.MapGet("/{id}", (HttpContext context, string type, string id) => JsonReply.Ok(Summary(context.Call(), Require(type, id)))).Is(ApiCallKind.Describe);
        views.MapGet("/{id}/describe", (string type, string id) => Describe(Require(type, id))).Is(ApiCallKind.Describe);
        views.MapGet("/{id}/results", (HttpContext context, string type, string id) => Results(context.Request, Require(type, id))).Is(ApiCallKind.Query);
    }

    private JsonReply List(ApiCall call, string type)
    {
        ObjectType target = Screen.Require(org.Schema, type);
        return JsonReply.Ok(new
        {
            done = true,
            listviews = new[] { Summary(call, ListView.Of(org, target)) },
            nextRecordsUrl = (string?)null,
            size = 1,
            sobjectType = target.Name,
        });
    }

    private static object Summary(ApiCall call, ListView view)
    {
        string url = $"{call.Root}/sobjects/{view.Type.Name}/listviews/{view.Id}";
        return new
        {
            describeUrl = $"{url}/describe",
            developerName = view.Name,
            id = view.Id,
            label = view.Label,
            resultsUrl = $"{url}/results",
            soqlCompatible = true,
            url,
        };
    }

    private static JsonReply Describe(ListView view) => JsonReply.Ok(new
    {
        columns = ColumnsOf(view),
        id = view.Id,
        orderBy = new object[]
        {
            new { fieldNameOrPath = view.Columns[0].Name, nullsPosition = "first", sortDirection = "ascending" },
            new { fieldNameOrPath = SystemFields.Id, nullsPosition = "first", sortDirection = "ascending" },
        },
        query = view.Soql,
        scope = "everything",
        sobjectType = view.Type.Name,
        whereCondition = (object?)null,
    });

    private JsonReply Results(HttpRequest request, ListView view)
    {
        int size = Math.Clamp(Number(request, "limit", UsualSize), 1, LargestSize);
        // The first record has the number 1.
        int from = Math.Max(Number(request, "offset", 1), 1) - 1;
        Record[] rows = [.. Find(view).Skip(from).Take(size + 1)];
        return JsonReply.Ok(new
        {
            columns = ColumnsOf(view),
            developerName = view.Name,
            done = rows.Length <= size,
            id = view.Id,
            label = view.Label,
            records = rows.Take(size).Select(row => new { columns = view.All.Select(column => new { fieldNameOrPath = column.Field.Name, value = TextOf(row, column.Field) }) }),
            size = Math.Min(rows.Length, size),
        });
    }

    private IReadOnlyList<Record> Find(ListView view)
    {
        SoqlQuery query = new SoqlBinder(org.Schema.Objects, org.IsHidden).Bind(SoqlParser.Parse(view.Soql));
        return org.Read(store => SoqlRunner.Run(query, store, withDeleted: false));
    }

    private static IEnumerable<object> ColumnsOf(ListView view) => view.All.Select(column =>
    {
        bool isSorted = column.Field == view.Columns[0];
        (string ascending, string descending) = column.Field.IsNumber ? ("Low to High", "High to Low") : column.Field.IsText ? ("Z-A", "A-Z") : ("9-0", "0-9");
        return new
        {
            ascendingLabel = ascending,
            descendingLabel = descending,
            fieldNameOrPath = column.Field.Name,
            hidden = column.IsHidden,
            label = column.Field.Label,
            selectListItem = column.Field.Name,
            sortDirection = isSorted ? "ascending" : null,
            sortIndex = isSorted ? 0 : (int?)null,
            sortable = true,
            type = FieldValue.TypeName(column.Field.Type),
        };
    });

    private static string? TextOf(Record row, Field field) => row[field] is { } value ? FieldValue.ToText(field, value, RecordJson.UtcSuffix) : null;

    private static int Number(HttpRequest request, string name, int otherwise) =>
        int.TryParse(request.Query[name].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : otherwise;

    private ListView Require(string type, string id) =>
        ListView.Find(org, id) is { } view && view.Type == Screen.Require(org.Schema, type) ? view : throw new ApiException(404, ApiError.NotFound);
}
