namespace SalesforceBridge.Health;

/// <summary>How long ago something was, as people say it.</summary>
internal static class Ages
{
    /// <summary>Such as <c>12 s</c>, <c>5 min</c>, <c>3 h</c> or <c>2 days</c>.</summary>
    public static string Of(TimeSpan age) => age switch
    {
        { TotalSeconds: < 120 } => $"{Math.Max(age.TotalSeconds, 0):0} s",
        { TotalMinutes: < 120 } => $"{age.TotalMinutes:0} min",
        { TotalHours: < 48 } => $"{age.TotalHours:0} h",
        _ => $"{age.TotalDays:0} days",
    };
}
