using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Rest.Screens;
using SalesforceBridge.Simulator.Schema;
using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>How a query or a list view would be run: by an index where its condition begins with one, else by a look at every row.</summary>
internal sealed class QueryPlans(Org org)
{
    // Above 1 a query is not selective.
    private const double CostOfScan = 2.5;

    /// <param name="store">Held still by the caller.</param>
    /// <param name="asked">A SOQL query, or the id of a list view.</param>
    public JsonReply Explain(RecordStore store, string asked)
    {
        string soql = SalesforceId.Normalise(asked) is null ? asked : (ListView.Find(org, asked) ?? throw NoSuchId(asked)).Soql;
        SoqlQuery query = new SoqlBinder(org.Schema.Objects, org.IsHidden).Bind(SoqlParser.Parse(soql));
        string[] filters = [.. FiltersOf(query.Where)];
        string[] indexed = [.. filters.Where(name => IsIndexed(query.Type!, name))];
        int rows = store[query.Type!].Rows.Count(row => !row.IsDeleted);
        int found = indexed.Length == 0 ? rows : SoqlRunner.Run(query with { Children = [] }, store, withDeleted: false).Count;
        return JsonReply.Ok(new
        {
            plans = new[]
            {
                new
                {
                    cardinality = found,
                    fields = indexed,
                    leadingOperationType = indexed.Length == 0 ? "TableScan" : "Index",
                    notes = filters.Except(indexed).Select(name => new
                    {
                        description = "Not considering filter for optimization because unindexed",
                        fields = new[] { name },
                        tableEnumOrId = query.Type!.Name,
                    }),
                    relativeCost = indexed.Length == 0 ? CostOfScan : found / (double)Math.Max(rows, 1),
                    sobjectCardinality = rows,
                    sobjectType = query.Type!.Name,
                },
            },
            sourceQuery = soql,
        });
    }

    // What stands beside an OR or below a NOT finds no rows by itself.
    private static IEnumerable<string> FiltersOf(Condition? condition) => condition switch
    {
        Condition.And and => FiltersOf(and.Left).Concat(FiltersOf(and.Right)),
        Condition.Compare { Path: { Parents.Count: 0, Field: { } field } } => [field.Name],
        _ => [],
    };

    private static bool IsIndexed(ObjectType type, string name)
    {
        Field field = type.FieldsByName[name];
        return field.Indexed || field.IsId || name is SystemFields.CreatedDate or SystemFields.SystemModstamp or "Name";
    }

    private static ApiException NoSuchId(string id) => new(400, new ApiError("INVALID_ID", $"There is no report or list view {id}"));
}
