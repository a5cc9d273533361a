using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest.Screens;

/// <summary>A button that creates a record: one for each object, and one on each object's page for those that refer to it.</summary>
/// <param name="Id">18 characters.</param>
/// <param name="Target">What it creates.</param>
/// <param name="Context">On whose pages it is; nothing: everywhere.</param>
/// <param name="Parent">The field of the new record that names the page's record.</param>
internal sealed record QuickAction(string Id, ObjectType Target, ObjectType? Context, Field? Parent)
{
    private const string Prefix = "09D";

    public string Name => $"New{Target.Name.Replace("__c", "", StringComparison.OrdinalIgnoreCase).Replace("__", "_", StringComparison.Ordinal)}";

    public string Label => $"New {Target.Label}";

    /// <summary>Those of the org; nothing: everywhere, else on the pages of an object.</summary>
    public static IEnumerable<QuickAction> Of(OrgSchema schema, ObjectType? context) => All(schema).Where(action => action.Context == context);

    private static IEnumerable<QuickAction> All(OrgSchema schema)
    {
        ObjectType[] objects = [.. Screen.Objects(schema).Where(type => !type.ReadOnly)];
        IEnumerable<(ObjectType Target, ObjectType? Context, Field? Parent)> found =
        [
            .. objects.Select(target => (target, (ObjectType?)null, (Field?)null)),
            .. from context in Screen.Objects(schema)
               from target in objects
               let parent = target.Fields.FirstOrDefault(field => field.Createable && string.Equals(field.ReferenceTo, context.Name, StringComparison.OrdinalIgnoreCase))
               where parent is not null
               select (target, context, parent),
        ];
        return found.Select((each, index) => new QuickAction(SalesforceId.Number(Prefix, index + 1), each.Target, each.Context, each.Parent));
    }
}
