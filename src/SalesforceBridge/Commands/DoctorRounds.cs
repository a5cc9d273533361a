using System.CommandLine;
using System.Net.Sockets;
using Npgsql;
using SalesforceBridge.Configuration;
using SalesforceBridge.Health;
using SalesforceBridge.Messaging;
using SalesforceBridge.Org;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Sources;

namespace SalesforceBridge.Commands;

/// <summary>
/// The doctor's way through the bridge: what is looked at, in which order, and what not where something before it is wrong. What was not looked
/// at is a finding of its own, and never a good one.
/// </summary>
internal sealed class DoctorRounds(CommandContext context, ParseResult command)
{
    private readonly List<Finding> _findings = [];

    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken ct)
    {
        Reading<BridgeSettings> reading = BridgeSettings.Read(context.Environment);
        _findings.AddRange(ConfigExamination.Judge(reading));
        await using CommandSession? session = reading is Reading<BridgeSettings>.Valid(var settings) ? new CommandSession(settings, command, context) : null;
        bool hasTables = await ExamineDatabaseAsync(session, ct);
        if (session is null)
            _findings.Add(Finding.Warn("routes and org", "were not checked, since config vars are wrong", "Correct them first."));
        else
            await ExamineAsync(session, hasTables, ct);
        return _findings;
    }

    private async Task ExamineAsync(CommandSession session, bool hasTables, CancellationToken ct)
    {
        StreamSource[] streams = [.. StreamSource.Of(session.Routes.Routes.Select(route => route.Definition))];
        string? unasked = await ExamineOrgAsync(session, streams, hasTables, ct);
        var routes = new RouteExamination(session, unasked);
        if (hasTables)
            await AskDatabaseAsync("routes", async () => _findings.AddRange(await routes.ExamineAsync(ct)));
        else
            _findings.AddRange(routes.WithoutDatabase());
        await ExamineSourcesAsync(session, streams, unasked, hasTables, ct);
        if (hasTables)
            await AskDatabaseAsync("Heroku Connect", async () => _findings.AddRange(HerokuConnectExamination.Judge(await HerokuConnectReport.ReadAsync(session, ct), session.Time.GetUtcNow())));
        _findings.AddRange(new CallerExamination(session.Settings, session.Routes).Examine());
        await ExamineQuotaAsync(session, unasked, hasTables, ct);
    }

    /// <returns>Whether the bridge's tables can be used.</returns>
    private async Task<bool> ExamineDatabaseAsync(CommandSession? session, CancellationToken ct)
    {
        if (DatabaseSettings.Read(context.Environment) is not Reading<DatabaseSettings>.Valid(DatabaseSettings settings))
            return false;
        IReadOnlyList<Finding> found = await new DatabaseExamination(settings, session?.Time ?? TimeProvider.System).ExamineAsync(ct);
        _findings.AddRange(found);
        if (found.Any(IsFailure))
            return false;
        int before = _findings.Count;
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(settings.ConnectionString(ProcessRole.Command));
        await AskDatabaseAsync("schema", async () => _findings.AddRange(await new SchemaExamination(settings, database).ExamineAsync(ct)));
        return !_findings.Skip(before).Any(IsFailure);
    }

    /// <returns>Why the org must not or cannot be asked about anything else; null where it can.</returns>
    private async Task<string?> ExamineOrgAsync(CommandSession session, StreamSource[] streams, bool hasTables, CancellationToken ct)
    {
        if (!session.HasCredentials)
            return "there are no credentials for the org";
        OrgSettings settings = session.Settings.Org;
        OAuthTokenSource tokens = session.Part<OAuthTokenSource>();
        bool isWell = false;
        await AskDatabaseAsync("org", async () =>
        {
            OrgBelonging? belonging = hasTables ? await session.OpenAsync<OrgBelonging>(ct) : null;
            Finding org = await new OrgExamination(settings, session.Org, belonging).ExamineAsync(ct);
            _findings.Add(org);
            isWell = !IsFailure(org);
        });
        if (!isWell)
            return "see the finding on the org";
        Finding token = await new TokenExamination(settings.Credentials, tokens, session.Time).ExamineAsync(ct);
        Finding version = await new ApiVersionExamination(settings.ApiVersion, session.Org, streams).ExamineAsync(ct);
        _findings.AddRange([token, version]);
        return IsFailure(token) ? "see the finding on the token" : IsFailure(version) ? "see the finding on the API's version" : null;
    }

    private async Task ExamineSourcesAsync(CommandSession session, StreamSource[] streams, string? unasked, bool hasTables, CancellationToken ct)
    {
        IReadOnlyList<SourceStatus>? sources = null;
        IReadOnlyList<Alert> alerts = [];
        if (hasTables)
        {
            await AskDatabaseAsync("sources", async () =>
            {
                sources = await (await session.OpenAsync<BridgeStatus>(ct)).SourcesAsync(ct);
                alerts = await (await session.OpenAsync<Alerts>(ct)).ListAsync(ct);
            });
        }

        var channels = new ChannelExamination(streams, session.Time);
        _findings.AddRange(channels.Judge(unasked is null ? await channels.AskAsync(session.Part<OrgSession>(), ct) : channels.Unasked(unasked), sources));
        _findings.AddRange(AlertExamination.Judge(sources ?? [], alerts));
    }

    private async Task ExamineQuotaAsync(CommandSession session, string? unasked, bool hasTables, CancellationToken ct)
    {
        if (!session.HasCredentials)
            return;
        if (unasked is null)
            _findings.AddRange(await new AllocationExamination(session.Org, [.. session.Routes.Routes.Select(route => route.Definition).Where(route => route.Enabled)]).ExamineAsync(ct));
        else
            _findings.Add(Finding.Warn("allocations", $"of events and API calls were not asked of the org: {unasked}", "Once that is right, ask again."));
        if (hasTables)
            await AskDatabaseAsync("api budget", async () => _findings.Add(BudgetExamination.Judge(await ApiReport.SumUpAsync(session, ct), session.Settings.ApiBudget, session.Pace)));
    }

    private async Task AskDatabaseAsync(string part, Func<Task> examine)
    {
        try
        {
            await examine();
        }
        catch (Exception error) when (error is NpgsqlException or SocketException or TimeoutException or IOException)
        {
            var problem = DatabaseProblem.Of(error);
            _findings.Add(Finding.Fail(part, $"could not be checked: the database {problem.Why}", problem.Fix));
        }
    }

    private static bool IsFailure(Finding finding) => finding.State == FindingState.Fail;
}
