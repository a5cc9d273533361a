namespace SalesforceBridge.Simulator.Identity;

/// <summary>Refuses a token. The body has the form of RFC 6749, not that of REST errors.</summary>
internal sealed class OAuthException(string error, string description, int status = 400) : Exception(description)
{
    public static OAuthException InvalidGrant(string description) => new("invalid_grant", description);

    public IResult ToReply() => JsonReply.Of(status, json =>
    {
        json.WriteStartObject();
        json.WriteString("error", error);
        json.WriteString("error_description", Message);
        json.WriteEndObject();
    });
}
