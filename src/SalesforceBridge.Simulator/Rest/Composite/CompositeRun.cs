using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.Rest.Composite;

/// <summary>Runs subrequests in their order; each can speak of what those before it answered.</summary>
internal sealed class CompositeRun(Org org, Resources resources, ApiCall call)
{
    private const string RolledBack = "The transaction was rolled back since another operation in the same transaction failed.";

    /// <summary>Each for itself: what one did stays, whatever becomes of the others.</summary>
    public IReadOnlyList<SubrequestReply> Each(IReadOnlyList<Subrequest> requests)
    {
        var references = new References();
        return [.. requests.Select(request => org.Write(call.Actor, transaction => Answer(transaction, request, references)))];
    }

    /// <summary>All or none: the first that fails undoes those before it, and those behind it are not run.</summary>
    public IReadOnlyList<SubrequestReply> Together(IReadOnlyList<Subrequest> requests) => org.Write(call.Actor, transaction =>
    {
        transaction.IsAllOrNone = true;
        var references = new References();
        List<SubrequestReply> replies = [];
        foreach (Subrequest request in requests)
        {
            SubrequestReply reply = Answer(transaction, request, references);
            replies.Add(reply);
            if (!reply.Reply.HasFailed)
                continue;
            transaction.RollBack();
            return [.. requests.Select(other => ReferenceEquals(other, request) ? reply : SubrequestReply.Halted(other, RolledBack))];
        }
        return replies;
    });

    private SubrequestReply Answer(OrgTransaction transaction, Subrequest request, References references)
    {
        JsonReply reply;
        try
        {
            reply = resources.Answer(transaction, call, references.Resolve(request), Resources.OfComposites);
        }
        catch (ApiException halted)
        {
            reply = JsonReply.Error(halted.Status, halted.Error);
        }
        references.Add(request.ReferenceId!, reply);
        return new SubrequestReply(request.ReferenceId, reply);
    }
}
