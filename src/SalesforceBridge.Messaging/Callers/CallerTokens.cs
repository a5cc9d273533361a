using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A caller's token, opened for a delivery. What it is to a destination is that destination's business.</summary>
/// <param name="userId">Whose it is.</param>
/// <param name="value">The token.</param>
public sealed class CallerToken(string userId, string value)
{
    /// <summary>The user whose token it is.</summary>
    public string UserId { get; } = userId;

    /// <summary>The token, for the one place that sends it.</summary>
    public string Reveal() => value;

    /// <summary>Says whose the token is, and not what it is.</summary>
    public override string ToString() => $"token of {UserId}";
}

/// <summary>Callers' tokens: sealed when a request comes, opened when a delivery is made as its caller, and not before.</summary>
/// <param name="database">Where they are kept.</param>
/// <param name="seal">Seals and opens them; null where there is no key.</param>
public sealed class CallerTokens(BridgeDatabase database, CallerSeal? seal)
{
    /// <summary>The code of a delivery that cannot be made as its caller any more.</summary>
    public const string Expired = "caller expired";

    /// <summary>What to do about such a delivery.</summary>
    public const string Advice = "Have the caller send it again, then discard this one.";

    /// <summary>Whether there is a key to seal with.</summary>
    public bool CanSeal => seal is not null;

    /// <summary>A token, ready to be stored with its messages; null where there is no key.</summary>
    public SealedCaller? Seal(string userId, string token) => seal?.Seal(userId, token);

    /// <summary>A caller's token, or why there is none to be had.</summary>
    internal async Task<CallerOpening> OpenAsync(Guid id, CancellationToken ct)
    {
        if (id == CallerSql.Nobody)
            return new CallerOpening.Closed($"The message came without its caller's session, and its route acts only as the caller. {Advice}");
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        List<SealedCaller> found = await Sql.ReadLastAsync(connection, [CallerSql.Find(database.Schema, id)],
            row => new SealedCaller(id, row.GetString(0), row.GetFieldValue<byte[]>(1)), ct);
        if (found.Count == 0)
            return new CallerOpening.Closed($"The caller's session is not kept any more: it goes once its deliveries are made, and two hours after it came. {Advice}");
        return seal?.Open(found[0]) is { } token
            ? new CallerOpening.Opened(new CallerToken(found[0].UserId, token))
            : new CallerOpening.Closed(
                $"The caller's session cannot be read: BRIDGE_ENCRYPTION_KEY is not the one it was written with, or its row was changed. {Advice}");
    }
}

/// <summary>What came of opening a caller's token.</summary>
internal abstract record CallerOpening
{
    private CallerOpening()
    {
    }

    public sealed record Opened(CallerToken Token) : CallerOpening;

    /// <param name="Why">What happened and what to do.</param>
    public sealed record Closed(string Why) : CallerOpening;
}
