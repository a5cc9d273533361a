using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest.Screens;

/// <summary>What people see of an org: nobody draws it here, so it is derived from the objects and their fields.</summary>
internal static class Screen
{
    private static readonly string[] WithoutPages = [SystemObjects.User, SystemObjects.PushTopic, SystemObjects.StreamingChannel];

    /// <summary>The objects that have pages, in the order of the schema.</summary>
    public static IEnumerable<ObjectType> Objects(OrgSchema schema) => schema.Objects.Values.Where(type => !WithoutPages.Contains(type.Name));

    /// <summary>The fields of a page: those that the object declares, without content.</summary>
    public static IReadOnlyList<Field> FieldsOf(Org org, ObjectType type) =>
    [
        .. type.Fields.Where(field =>
            field.Type is not FieldType.Base64 && SystemFields.OfObjects.All(system => system.Name != field.Name) && !org.IsHidden(type, field)),
    ];

    /// <summary>An object that has records, and so pages.</summary>
    /// <exception cref="ApiException">404, there is none.</exception>
    public static ObjectType Require(OrgSchema schema, string name) =>
        schema.Require(name) is { IsEvent: false } type ? type : throw new ApiException(404, ApiError.NotFound);
}
