using Npgsql;
using SalesforceBridge.Health;
using SalesforceBridge.Messaging;
using SalesforceBridge.Routes;
using SalesforceBridge.Schedules;

namespace SalesforceBridge.Commands;

/// <summary>The doctor's look at the bridge's tables, its routes and its streams.</summary>
internal sealed class RouteExamination(CommandSession session)
{
    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken ct)
    {
        List<Finding> findings = [.. session.Routes.Faults.Select(fault => Finding.Fail("routes", $"{fault}", null))];
        try
        {
            findings.AddRange(await ExamineStreamsAsync(await session.OpenAsync<BridgeStatus>(ct), ct));
            findings.AddRange(await ExamineRoutesAsync(await session.OpenAsync<RouteCheck>(ct), await session.OpenAsync<TableCheck>(ct), await session.OpenAsync<HerokuConnectCheck>(ct), ct));
            findings.Insert(0, Finding.Ok("schema version", $"is {Migrations.Newest}"));
        }
        catch (RefusedException old)
        {
            findings.Insert(0, Finding.Fail("schema version", old.Message, null));
        }
        catch (NpgsqlException error)
        {
            var problem = DatabaseProblem.Of(error);
            findings.Add(Finding.Fail("database", problem.Why, problem.Fix));
        }

        return findings;
    }

    private static async Task<IEnumerable<Finding>> ExamineStreamsAsync(BridgeStatus status, CancellationToken ct) =>
        (await status.SourcesAsync(ct)).SelectMany(source => source.Alerts.Select(alert => Finding.Warn(source.Name, alert, null)));

    private async Task<IReadOnlyList<Finding>> ExamineRoutesAsync(RouteCheck check, TableCheck tables, HerokuConnectCheck connect, CancellationToken ct)
    {
        List<Finding> findings = [];
        foreach (RouteDefinition route in session.Routes.Routes.Select(route => route.Definition).Where(route => route.Enabled))
        {
            RouteVerdict verdict = await check.RunAsync(route, ct);
            IEnumerable<string> faults = [.. verdict.Faults, .. RequestRules.FaultsOf(route, verdict.Columns), .. await tables.FaultsOfAsync(route, ct), .. await connect.FaultsOfAsync(route, ct)];
            findings.AddRange(faults.Select(fault => Finding.Fail("routes", $"{route.Name}: {fault}", null)));
            if (ScheduleRules.OverSince(route, session.Time.GetUtcNow()) is { } over)
                findings.Add(Finding.Warn("routes", $"{route.Name}: {over}", null));
        }

        int count = session.Routes.Routes.Count;
        return findings.Count > 0 ? findings : [Finding.Ok("routes", $"{count} prepare; `bridge routes check` also asks the org about their fields")];
    }
}
