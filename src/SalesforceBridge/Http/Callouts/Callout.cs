using System.Text.Json;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Http.Callouts;

/// <summary>A callout, as the routes that listen to it make it.</summary>
/// <param name="Source">The source that keeps its messages.</param>
/// <param name="IsKept">Some route reads its messages from the inbox.</param>
/// <param name="Reply">The route that answers it; null: that it is kept is the answer.</param>
/// <param name="RecordFields">What each record must have.</param>
internal sealed record Callout(string Source, bool IsKept, Route? Reply, IReadOnlyList<IReadOnlyList<RequestField>> RecordFields)
{
    /// <summary>Some enabled route acts as its caller, so that the caller has to say in whose name.</summary>
    public bool IsAsCaller { get; init; }

    public static Callout Of(IReadOnlyList<Route> routes)
    {
        Route[] keeping = [.. routes.Where(route => route.Definition.Action is not RouteAction.Reply)];
        return new Callout(
            routes[0].Definition.Source.ToString(),
            keeping.Length > 0,
            routes.FirstOrDefault(route => route.Definition.Action is RouteAction.Reply),
            [.. keeping.Select(route => route.Definition.Takes).OfType<IReadOnlyList<RequestField>>()])
        {
            IsAsCaller = keeping.Any(route => route.Definition is { AsCaller: true, Enabled: true }),
        };
    }

    /// <summary>What one object must have to be taken, as request and as record; null where no route says.</summary>
    public IReadOnlyList<RequestField>? Takes { get; } = Declared(Reply, RecordFields);

    /// <summary>Holds a request against what the routes declare.</summary>
    /// <exception cref="RequestRefusedException">It is not what they take.</exception>
    public void Check(ReadOnlyMemory<byte> body, CalloutBody content)
    {
        if (Reply?.Definition.Takes is { } whole)
            Check(whole, CalloutBody.WithoutMark(body), "The request");
        foreach (IReadOnlyList<RequestField> fields in RecordFields)
        {
            for (int n = 0; n < content.Records.Count; n++)
                Check(fields, content.Records[n].Record, $"Record {n + 1}");
        }
    }

    private static IReadOnlyList<RequestField>? Declared(Route? reply, IReadOnlyList<IReadOnlyList<RequestField>> recordFields)
    {
        IReadOnlyList<IReadOnlyList<RequestField>> all = reply?.Definition.Takes is { } whole ? [whole, .. recordFields] : recordFields;
        return all.Count > 0 ? RequestField.Together(all) : null;
    }

    private static void Check(IReadOnlyList<RequestField> fields, ReadOnlyMemory<byte> json, string what)
    {
        string? fault;
        try
        {
            fault = RequestField.FaultOf(fields, JsonElement.Parse(json.Span));
        }
        catch (InvalidOperationException)
        {
            fault = "It holds text that is none.";
        }

        if (fault is not null)
            throw new RequestRefusedException(StatusCodes.Status422UnprocessableEntity, "takes_mismatch", $"{what} is not what the route takes. {fault}");
    }
}
