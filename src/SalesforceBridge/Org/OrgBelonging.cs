using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Org;

/// <summary>Whether an org is the one that this database belongs to, and that the config vars allow.</summary>
internal sealed class OrgBelonging(OrgBinding binding, OrgSettings settings)
{
    /// <summary>Looks, and binds a database that belongs to no org yet.</summary>
    /// <param name="identity">The org that the credentials are for, and the user that they act as.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>What is against it; null where it is the right one, and the database knows whom the bridge acts as.</returns>
    /// <exception cref="Npgsql.NpgsqlException">The database could not be asked.</exception>
    public async Task<OrgObjection?> BindAsync(OrgIdentity identity, CancellationToken ct)
    {
        string id = identity.OrganizationId;
        if (ObjectionOf(settings, id) is { } objection)
            return objection;
        BoundOrg bound = await binding.FindAsync(ct) ?? await binding.BindAsync(OrgId.Long(id), ct);
        if (Compare(bound, id) is { } other)
            return other;
        if (bound.UserId != identity.UserId)
            await binding.ActAsAsync(identity.UserId, ct);
        return null;
    }

    /// <summary>Looks, and changes nothing.</summary>
    /// <param name="id">The org that the credentials are for, 15 or 18 characters.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>What is against it; null where it is the right one.</returns>
    /// <exception cref="Npgsql.NpgsqlException">The database could not be asked.</exception>
    public async Task<OrgObjection?> LookAsync(string id, CancellationToken ct) =>
        ObjectionOf(settings, id) ?? (await binding.FindAsync(ct) is { } bound ? Compare(bound, id) : null);

    /// <summary>What the config vars have against an org; null where they allow it.</summary>
    public static OrgObjection? ObjectionOf(OrgSettings settings, string id) => settings.OrgId is { } wanted && !OrgId.AreSame(wanted, id)
        ? new($"the credentials are for org {OrgId.Long(id)} and {ConfigVar.OrgId} is {wanted}", "Correct one of them")
        : null;

    private static OrgObjection? Compare(BoundOrg bound, string id) => bound.IsOrg(id)
        ? null
        : new(
            $"the credentials are for org {OrgId.Long(id)} and this database belongs to org {bound.Id}",
            $"Correct the credentials; or, if it is to serve the other org from now on: bridge org rebind {OrgId.Long(id)}");
}

/// <summary>Why nothing may be done with an org.</summary>
/// <param name="Why">What does not fit, as a part of a sentence.</param>
/// <param name="Cure">What to do, without a full stop.</param>
internal sealed record OrgObjection(string Why, string Cure)
{
    /// <inheritdoc/>
    public override string ToString() => $"{char.ToUpperInvariant(Why[0])}{Why[1..]}. {Cure}.";
}
