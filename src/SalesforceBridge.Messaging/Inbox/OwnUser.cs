namespace SalesforceBridge.Messaging;

/// <summary>
/// What the bridge itself causes in the org and is told by the org without a word of which route it was: it is known by the user who did it.
/// </summary>
internal static class OwnUser
{
    /// <summary>The origin of a message that the bridge caused, where nobody knows by which route.</summary>
    public const string Origin = "bridge";

    /// <summary>An expression for the origin of what a user did. The last three of a user id's 18 characters only repeat which letters are capitals.</summary>
    public static string OriginOf(BridgeSchema schema, string userId) =>
        $"case when left({userId}, 15) = (select left(o.user_id, 15) from {schema}.org o) then '{Origin}' end";
}
