using SalesforceBridge.Messaging;
using SalesforceBridge.Org;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.OAuth;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge org show</c>: the org that the database belongs to, and the one that the credentials are for.</summary>
internal sealed class OrgShowCommand(CommandContext context) : BridgeCommand("show", "Shows which org the database belongs to, and which one the credentials are for", context)
{
    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        BoundOrg? bound = await (await session.OpenAsync<OrgBinding>(ct)).FindAsync(ct);
        (string? credentials, string? unasked) = await AskAsync(session, ct);
        OrgObjection? objection = credentials is null ? null : await (await session.OpenAsync<OrgBelonging>(ct)).LookAsync(credentials, ct);
        await session.PrintAsync(new OrgReport(bound?.Id, bound?.Since, credentials, unasked, objection?.ToString()), CommandJson.Default.OrgReport, Text);
        return objection is null ? 0 : 1;
    }

    private static async Task<(string? Id, string? Unasked)> AskAsync(CommandSession session, CancellationToken ct)
    {
        if (!session.HasCredentials)
            return (null, "There are no credentials for an org; see `bridge doctor`.");
        try
        {
            return ((await session.Org.GetUserInfoAsync(ct)).OrganizationId, null);
        }
        catch (SalesforceException error)
        {
            return (null, error.InnerException is OAuthException token ? token.Message : error.Message);
        }
    }

    private static string Text(OrgReport report) => string.Join('\n', new[]
    {
        report.Id is null ? "The database belongs to no org yet: to the first one that a worker signs in to." : $"The database belongs to org {report.Id} since {report.Since:u}.",
        report.Credentials is null ? $"Which org the credentials are for is not known: {report.Unasked}" : $"The credentials are for org {report.Credentials}.",
        report.Objection,
    }.OfType<string>());
}

/// <summary>What <c>bridge org show</c> found.</summary>
/// <param name="Id">The org that the database belongs to; null while there was none.</param>
/// <param name="Since">Since when.</param>
/// <param name="Credentials">The org that the credentials are for; null where nobody could say.</param>
/// <param name="Unasked">Why not.</param>
/// <param name="Objection">Why nothing is done with that org; null where it is the right one.</param>
internal sealed record OrgReport(string? Id, DateTimeOffset? Since, string? Credentials, string? Unasked, string? Objection);
