using System.CommandLine;
using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;
using SalesforceBridge.Org;
using SalesforceBridge.Sources;
using SalesforceBridge.Sources.Soql;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge org rebind</c>: from now on the database belongs to another org.</summary>
internal sealed class OrgRebindCommand : BridgeCommand
{
    private readonly Argument<string?> _id = new("id") { Description = "The new org's id, 15 or 18 characters", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _yes = new("--yes") { Description = "Take the org that the credentials are for" };

    public OrgRebindCommand(CommandContext context)
        : base("rebind", "Gives the database to another org: its sources begin anew, and open deliveries wait for a person", context)
    {
        Add(_id);
        Add(_yes);
    }

    protected override async Task<int> RunAsync(CommandSession session, CancellationToken ct)
    {
        OrgRebind rebind = await session.OpenAsync<OrgRebind>(ct);
        string id = await IdOfAsync(session, ct);
        DateTimeOffset now = session.Time.GetUtcNow();
        Rebound? done = await rebind.RunAsync(id, new NewBeginnings(StreamPosition.TipAt(now), SoqlPosition.From(now).ToString()), ct);
        await session.PrintAsync(
            new RebindReport(id, done?.From, done is not null, done?.Sources ?? [], done?.Deliveries ?? 0, done?.Messages ?? 0), CommandJson.Default.RebindReport, Text);
        return 0;
    }

    private async Task<string> IdOfAsync(CommandSession session, CancellationToken ct)
    {
        string? given = session.ValueIfGiven(_id);
        if (given is null && !session.Value(_yes))
        {
            throw new RefusedException(
                "Say to which org: bridge org rebind 00D..., or --yes for the one that the credentials are for. Deliveries that are open become dead letters, and sources begin anew with a gap.");
        }

        string? id = given ?? (await session.Org.GetUserInfoAsync(ct)).OrganizationId;
        if (!OrgSettings.IsOrgId(id))
            throw new RefusedException($"`{id}` is no org's id. It has the 15 or 18 characters that Setup, Company Information shows, and begins with 00D.");
        return OrgBelonging.ObjectionOf(session.Settings.Org, id) is null
            ? OrgId.Long(id)
            : throw new RefusedException($"{ConfigVar.OrgId} is {session.Settings.Org.OrgId}, which allows no other org: change it to {OrgId.Long(id)} first.");
    }

    private static string Text(RebindReport report) => report.Changed
        ? $"""
           The database belongs to org {report.Id} now{(report.From is null ? "" : $" and not to {report.From} any more")}.
           {report.Sources.Count} sources begin anew, each with a gap{(report.Sources.Count == 0 ? "" : $": {string.Join(", ", report.Sources)}")}.
           {report.Deliveries} deliveries that were open are dead letters, and {report.Messages} messages that no route had run are passed: see `bridge dead-letters list`.
           """
        : $"The database belongs to org {report.Id} already; nothing was changed.";
}

/// <summary>What <c>bridge org rebind</c> did.</summary>
/// <param name="Id">The org that the database belongs to now.</param>
/// <param name="From">The one before; null where there was none.</param>
/// <param name="Changed">Whether anything was changed.</param>
/// <param name="Sources">The sources that begin anew.</param>
/// <param name="Deliveries">How many open deliveries became dead letters.</param>
/// <param name="Messages">How many messages no route had run.</param>
internal sealed record RebindReport(string Id, string? From, bool Changed, IReadOnlyList<string> Sources, long Deliveries, long Messages);
