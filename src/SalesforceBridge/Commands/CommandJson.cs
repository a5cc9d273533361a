using System.Text.Json;
using System.Text.Json.Serialization;
using SalesforceBridge.Generate;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Commands;

/// <summary>What the commands print with <c>--json</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(MigrateReport))]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(IReadOnlyList<SourceStatus>))]
[JsonSerializable(typeof(IReadOnlyList<TableReport>))]
[JsonSerializable(typeof(UnwatchReport))]
[JsonSerializable(typeof(HerokuConnectErrorList))]
[JsonSerializable(typeof(HerokuConnectRetryReport))]
[JsonSerializable(typeof(IReadOnlyList<RouteReport>))]
[JsonSerializable(typeof(RouteCheckReport))]
[JsonSerializable(typeof(TrialReport))]
[JsonSerializable(typeof(RewindReport))]
[JsonSerializable(typeof(BackfillReport))]
[JsonSerializable(typeof(IReadOnlyList<Gap>))]
[JsonSerializable(typeof(GapCloseReport))]
[JsonSerializable(typeof(IReadOnlyList<ScheduleReport>))]
[JsonSerializable(typeof(ScheduleRunReport))]
[JsonSerializable(typeof(IReadOnlyList<MessageHeader>))]
[JsonSerializable(typeof(MessageReport))]
[JsonSerializable(typeof(IReadOnlyList<DeadLetter>))]
[JsonSerializable(typeof(DeadLetterReport))]
[JsonSerializable(typeof(IReadOnlyList<DeadLetterChange>))]
[JsonSerializable(typeof(AcceptReport))]
[JsonSerializable(typeof(PublishReport))]
[JsonSerializable(typeof(OrgReport))]
[JsonSerializable(typeof(RebindReport))]
[JsonSerializable(typeof(IReadOnlyList<GeneratedFile>))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class CommandJson : JsonSerializerContext;
