using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using SalesforceBridge.Health;

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
        IReadOnlyList<Finding> findings = await new DoctorRounds(_context, command).ExamineAsync(ct);
        bool isWell = findings.All(finding => finding.State != FindingState.Fail);
        TextWriter output = command.InvocationConfiguration.Output;
        if (command.GetValue(_context.Json))
            await output.WriteLineAsync(JsonSerializer.Serialize(new DoctorReport(isWell, findings), DoctorJson.Default.DoctorReport));
        else
            await output.WriteLineAsync(string.Join('\n', findings.Select(Line)));
        return isWell ? 0 : 1;
    }

    // The org and the database may say something in several lines.
    private static string Line(Finding finding) => string.Join(' ', Text(finding).Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static string Text(Finding finding) =>
        $"{finding.State.ToString().ToLowerInvariant(),-4}  {finding.Part}: {finding.What}{(finding.Fix is null ? "" : $"{(finding.What.EndsWith('.') ? "" : ".")} {finding.Fix}")}";
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
