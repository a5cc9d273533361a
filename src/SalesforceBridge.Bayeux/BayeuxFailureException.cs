namespace SalesforceBridge.Bayeux;

/// <summary>Carries a failure from where it is met to the client's loop. Never leaves the library.</summary>
internal sealed class BayeuxFailureException(BayeuxFailure failure, Exception? inner = null) : Exception(failure.Text, inner)
{
    public BayeuxFailure Failure { get; } = failure;
}
