using SalesforceBridge.Messaging;

namespace SalesforceBridge.Http;

/// <summary>What the intake's answers are in HTTP, where they are not that all is stored.</summary>
internal static class IntakeRefusals
{
    public static RequestRefusal Of(IntakeAnswer answer) => answer switch
    {
        IntakeAnswer.OtherBody => new(
            StatusCodes.Status422UnprocessableEntity, "idempotency_key_reused",
            "This Idempotency-Key was used for another body. Use a key of its own for each request, and the same only to repeat one."),
        IntakeAnswer.Unstorable => new(
            StatusCodes.Status422UnprocessableEntity, "unstorable", "The database refuses this request in every form. The bridge's log says why."),
        IntakeAnswer.Busy => Later("busy", "More is waiting to be stored than may wait. Send it again in a second.", TimeSpan.FromSeconds(1)),
        IntakeAnswer.StorageFull => Later("storage_full", "The bridge's storage is full. Send it again later.", TimeSpan.FromSeconds(60)),
        _ => Later("database_away", "The bridge cannot store it now. Send it again with the same Idempotency-Key.", TimeSpan.FromSeconds(5)),
    };

    private static RequestRefusal Later(string error, string message, TimeSpan after) =>
        new(StatusCodes.Status503ServiceUnavailable, error, message) { RetryAfter = after };
}
