using SalesforceBridge.Destinations;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Routes;

/// <summary>Holds what routes start in the org against what the org says of its actions and approval processes.</summary>
internal sealed class ActionCheck(SalesforceClient org)
{
    private IReadOnlyList<ApprovalProcess>? _processes;

    /// <summary>What the org would refuse of <c>do: invoke ...</c>, each with what to do.</summary>
    /// <exception cref="SalesforceException">The org could not be asked.</exception>
    public async Task<IReadOnlyList<string>> FaultsOfAsync(InvocableAction action, IReadOnlyList<RouteColumn> columns, CancellationToken ct)
    {
        if (await DescribeAsync(action, ct) is not { } known)
            return [$"the org has no {Named(action)}, or the integration user may not run it; correct the name, activate it or give access"];
        return
        [
            .. InputsOf(columns).Select(column => FaultOf(column.Name, action, known)).OfType<string>(),
            .. known.Inputs.Where(input => input.Required && !columns.Any(column => Is(column.Name, input.Name)))
                .Select(input => $"the {Named(action)} needs an input {input.Name}; add a column of that name"),
        ];
    }

    /// <summary>What the org would refuse of <c>do: submit X for approval</c>, each with what to do.</summary>
    /// <param name="sObject">The object, as the org spells it.</param>
    /// <param name="columns">What the statement yields.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="SalesforceException">The org could not be asked.</exception>
    public async Task<IReadOnlyList<string>> FaultsOfAsync(string sObject, IReadOnlyList<RouteColumn> columns, CancellationToken ct)
    {
        _processes ??= await org.GetApprovalsAsync(ct);
        List<string> faults = [];
        if (!_processes.Any(process => Is(process.SObject, sObject)))
            faults.Add($"{sObject} has no active approval process; create or activate one in the org");
        if (!columns.Any(column => Is(column.Name, SubmissionColumns.Record)))
            faults.Add($"`do: submit {sObject} for approval` needs a column {SubmissionColumns.Record}, which says the record; add it to the statement");
        faults.AddRange(InputsOf(columns)
            .Where(column => !SubmissionColumns.All.Any(known => Is(column.Name, known)))
            .Select(column => $"{column.Name} is nothing a submission says; it takes {string.Join(", ", SubmissionColumns.All)}"));
        return faults;
    }

    private async Task<ActionDescribe?> DescribeAsync(InvocableAction action, CancellationToken ct)
    {
        try
        {
            return await org.DescribeActionAsync(action, ct);
        }
        catch (SalesforceException unknown) when (unknown.Status == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    // The names of inputs are matched letter by letter, and PostgreSQL makes small ones of an alias without quotes.
    private static string? FaultOf(string column, InvocableAction action, ActionDescribe known)
    {
        if (known.Inputs.Any(input => input.Name == column))
            return null;
        return known.Inputs.FirstOrDefault(input => Is(input.Name, column)) is { } meant
            ? $"the {Named(action)} spells its input {meant.Name}; write the column as \"{meant.Name}\", in quotes"
            : $"the {Named(action)} has no input {column}; correct the column's name or leave it out";
    }

    private static IEnumerable<RouteColumn> InputsOf(IReadOnlyList<RouteColumn> columns) => columns.Where(column => !column.IsMetadata);

    private static string Named(InvocableAction action) => action.Kind switch
    {
        "flow" => $"active flow {action.Name}",
        "apex" => $"invocable Apex class {action.Name}",
        _ => $"action {action.Name}",
    };

    private static bool Is(string name, string other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);
}
