namespace SalesforceBridge.Salesforce.OAuth;

/// <summary>What the org says of a token.</summary>
/// <param name="IsActive">Whether it is good now.</param>
/// <param name="ExpiresAt">When it ends, as far as the org says.</param>
/// <param name="Scope">The scopes it has, separated by blanks, as far as the org says.</param>
public sealed record TokenIntrospection(bool IsActive, DateTimeOffset? ExpiresAt, string? Scope);
