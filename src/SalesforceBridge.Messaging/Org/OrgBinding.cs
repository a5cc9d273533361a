using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>The org that a database belongs to.</summary>
/// <param name="Id">Its id, 18 characters.</param>
/// <param name="Since">Since when.</param>
public sealed record BoundOrg(string Id, DateTimeOffset Since)
{
    private const int ComparedCharacters = 15;

    /// <summary>The user that the bridge acts as, 18 characters; null while nobody has acted yet.</summary>
    public string? UserId { get; init; }

    /// <summary>Whether an id, of 15 or 18 characters, is this org's: the last three of 18 only repeat which letters are capitals.</summary>
    public bool IsOrg(string id) => AreSame(Id, id);

    internal static bool AreSame(string one, string other) =>
        one.Length >= ComparedCharacters && other.Length is 15 or 18
        && one.AsSpan(0, ComparedCharacters).SequenceEqual(other.AsSpan(0, ComparedCharacters));
}

/// <summary>Which org a database belongs to: the first that anybody had a token for, until a person says another.</summary>
public sealed class OrgBinding(BridgeDatabase database)
{
    /// <summary>Rings in every worker when the database belongs to another org from now on.</summary>
    public const string Bell = "org";

    private readonly BridgeSchema _s = database.Schema;

    /// <summary>The org; null while there was none yet.</summary>
    public async Task<BoundOrg?> FindAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await FindAsync(connection, _s, ct);
    }

    /// <summary>Binds a database that belongs to no org yet. Of several who try at once the first wins.</summary>
    /// <param name="id">The org's id, 18 characters.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The org that the database belongs to: this one, or the one that was first.</returns>
    public async Task<BoundOrg> BindAsync(string id, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection, [Sql.Command($"insert into {_s}.org (id) values ($1) on conflict (one) do nothing", id)], ct);
        return (await FindAsync(connection, _s, ct))!;
    }

    /// <summary>
    /// Says which user of the org the bridge acts as from now on. What this user causes in the org is the bridge's own doing, so it is said
    /// before anything is done under its name.
    /// </summary>
    /// <param name="userId">The user's id, 15 or 18 characters.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task ActAsAsync(string userId, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection, [Sql.Command($"update {_s}.org set user_id = $1 where user_id is distinct from $1", userId)], ct);
    }

    internal static async Task<BoundOrg?> FindAsync(NpgsqlConnection connection, BridgeSchema s, CancellationToken ct, string with = "")
    {
        List<BoundOrg> found = await Sql.ReadLastAsync(connection, [new NpgsqlBatchCommand($"select id, bound_at, user_id from {s}.org{with}")],
            row => new BoundOrg(row.GetString(0), row.GetFieldValue<DateTimeOffset>(1)) { UserId = row.IsDBNull(2) ? null : row.GetString(2) }, ct);
        return found.FirstOrDefault();
    }
}
