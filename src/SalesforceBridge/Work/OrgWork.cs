using SalesforceBridge.Messaging;
using SalesforceBridge.Org;

namespace SalesforceBridge.Work;

/// <summary>
/// Work that must not be done for another org than the one that the database belongs to. It is looked at under the lease, since a rebind
/// takes every lease away: what begins under it afterwards was looked at afterwards.
/// </summary>
internal sealed class OrgWork(ILeasedWork work, BoundTokens tokens, OrgGuard guard, Bells bells) : ILeasedWork
{
    /// <inheritdoc/>
    public string Cursor => work.Cursor;

    /// <inheritdoc/>
    public async Task RunAsync(Lease lease, CancellationToken ct)
    {
        while (true)
        {
            await UntilOwnAsync(ct);
            CancellationToken refused = guard.Refused;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, refused);
            try
            {
                await work.RunAsync(lease, either.Token);
            }
            catch (OperationCanceledException) when (refused.IsCancellationRequested && !ct.IsCancellationRequested)
            {
                // The org turned out to be another while it ran.
            }

            if (!refused.IsCancellationRequested || ct.IsCancellationRequested)
                return;
        }
    }

    private async Task UntilOwnAsync(CancellationToken ct)
    {
        using Bell bell = bells.Listen(OrgBinding.Bell);
        while (await tokens.AreOfOtherOrgAsync(ct))
            await bell.WaitAsync(guard.Look, ct);
    }
}
