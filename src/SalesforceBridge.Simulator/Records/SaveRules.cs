using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Records;

/// <summary>What a call that saves says of the rules that act on its records.</summary>
/// <param name="AutoAssign"><c>TRUE</c>, <c>FALSE</c> or the id of an assignment rule; nothing: the active rule acts.</param>
/// <param name="AllowsDuplicates">Whether a record is kept although a duplicate rule warns of it.</param>
internal sealed record SaveHeaders(string? AutoAssign, bool AllowsDuplicates)
{
    public static readonly SaveHeaders None = new(null, AllowsDuplicates: false);
}

/// <summary>The org's rules for new records that came through an API: who owns them, and which are like another one.</summary>
internal sealed class SaveRules(OrgSchema schema, RecordStore store, Actor actor)
{
    /// <summary>Who owns a new record by an assignment rule; nobody: whoever the record says, or who saves it.</summary>
    /// <exception cref="ApiException">The call names a rule that is not there.</exception>
    public User? OwnerOf(ObjectType type)
    {
        if (actor.Call is null || actor.Save.AutoAssign is { } off && off.Equals("FALSE", StringComparison.OrdinalIgnoreCase))
            return null;
        AssignmentRule[] rules = [.. schema.Automation.Assignments.Where(rule => rule.Type == type)];
        if (actor.Save.AutoAssign is not { } named || named.Equals("TRUE", StringComparison.OrdinalIgnoreCase))
            return Array.Find(rules, rule => rule.Active)?.Owner;
        return Array.Find(rules, rule => rule.Id == SalesforceId.Normalise(named))?.Owner
            ?? throw new ApiException(400, new ApiError("INVALID_CROSS_REFERENCE_KEY", $"there is no assignment rule {named}"));
    }

    /// <summary>Why a new record is refused as a duplicate, if it is.</summary>
    public ApiError? Duplicate(ObjectType type, IReadOnlyDictionary<string, object?> values)
    {
        if (actor.Call is null || actor.Save.AllowsDuplicates)
            return null;
        bool isDuplicate = schema.Automation.Duplicates.Any(rule => rule.Type == type && values.GetValueOrDefault(rule.Field.Name) is { } value &&
            store[type].Rows.Any(row => !row.IsDeleted && Equals(row[rule.Field], value)));
        return isDuplicate ? new ApiError("DUPLICATES_DETECTED", "Use one of these records?") : null;
    }
}
