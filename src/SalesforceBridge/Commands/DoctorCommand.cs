using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using SalesforceBridge.Configuration;
using SalesforceBridge.Health;
using SalesforceBridge.Org;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge doctor</c>: everything that must be right, a line each, with cause and cure.</summary>
internal sealed class DoctorCommand : Command
{
    private readonly CommandContext _context;

    public DoctorCommand(CommandContext context)
        : base("doctor", "Checks config vars, database, routes and org; says what is wrong and what to do")
    {
        _context = context;
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult command, CancellationToken ct)
    {
        List<Finding> findings = [];
        await foreach (Finding finding in ExamineAsync(command, ct))
            findings.Add(finding);

        bool isWell = findings.TrueForAll(finding => finding.State != FindingState.Fail);
        TextWriter output = command.InvocationConfiguration.Output;
        if (command.GetValue(_context.Json))
            await output.WriteLineAsync(JsonSerializer.Serialize(new DoctorReport(isWell, findings), DoctorJson.Default.DoctorReport));
        else
            await output.WriteLineAsync(string.Join('\n', findings.Select(Line)));
        return isWell ? 0 : 1;
    }

    private async IAsyncEnumerable<Finding> ExamineAsync(ParseResult command, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        Reading<BridgeSettings> reading = BridgeSettings.Read(_context.Environment);
        foreach (Finding finding in ExamineConfiguration(reading))
            yield return finding;

        bool hasDatabase = false;
        if (DatabaseSettings.Read(_context.Environment) is Reading<DatabaseSettings>.Valid(DatabaseSettings database))
        {
            IReadOnlyList<Finding> found = await new DatabaseExamination(database).ExamineAsync(ct);
            hasDatabase = found.All(finding => finding.State != FindingState.Fail);
            foreach (Finding finding in found)
                yield return finding;
        }

        if (reading is not Reading<BridgeSettings>.Valid(var settings))
            yield break;
        await using var session = new CommandSession(settings, command, _context);
        foreach (Finding finding in new CallerExamination(settings, session.Routes).Examine())
            yield return finding;
        if (hasDatabase)
        {
            foreach (Finding finding in await new RouteExamination(session).ExamineAsync(ct))
                yield return finding;
        }

        if (session.HasCredentials)
        {
            OrgBelonging? belonging = await BelongingAsync(session, hasDatabase, ct);
            yield return await new OrgExamination(settings.Org, session.Org, belonging).ExamineAsync(ct);
            if (belonging is not null)
                yield return BudgetExamination.Judge(await ApiReport.ReadAsync(session, ct), settings.ApiBudget, session.Pace);
        }
    }

    private static async Task<OrgBelonging?> BelongingAsync(CommandSession session, bool hasDatabase, CancellationToken ct)
    {
        try
        {
            return hasDatabase ? await session.OpenAsync<OrgBelonging>(ct) : null;
        }
        catch (Exception error) when (error is RefusedException or NpgsqlException)
        {
            // That its tables are missing, old or closed to us is a finding of its own.
            return null;
        }
    }

    private static IEnumerable<Finding> ExamineConfiguration(Reading<BridgeSettings> reading) => reading switch
    {
        Reading<BridgeSettings>.Invalid(var faults) => faults.Select(fault => Finding.Fail(fault.Name, fault.Why, fault.Fix)),
        Reading<BridgeSettings>.Valid(var settings) => [Finding.Ok("config vars", "can be used"), .. Examine(settings.Org, settings.Dyno.AppName)],
        _ => [],
    };

    private static IEnumerable<Finding> Examine(OrgSettings org, string? app) =>
    [
        org.Credentials is OrgCredentials.Missing missing
            ? Finding.Fail("credentials", OrgSetup.Describe(missing), $"One way: {missing.Ways[0].CommandFor(app)}")
            : Finding.Ok("credentials", $"are complete: {org.Credentials.GetType().Name}"),
        .. org.Warnings.Select(warning => Finding.Warn("credentials", warning, null)),
    ];

    private static string Line(Finding finding) =>
        $"{finding.State.ToString().ToLowerInvariant(),-4}  {finding.Part}: {finding.What}{(finding.Fix is null ? "" : $". {finding.Fix}")}";
}

/// <summary>What <c>bridge doctor --json</c> prints.</summary>
internal sealed record DoctorReport(bool Ok, IReadOnlyList<Finding> Findings);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    WriteIndented = true)]
[JsonSerializable(typeof(DoctorReport))]
internal sealed partial class DoctorJson : JsonSerializerContext;
