using System.Text.Json.Serialization;

namespace SalesforceBridge.Health;

/// <summary>How a finding counts; only <c>fail</c> makes the doctor end with 1.</summary>
internal enum FindingState
{
    [JsonStringEnumMemberName("ok")]
    Ok,

    [JsonStringEnumMemberName("warn")]
    Warn,

    [JsonStringEnumMemberName("fail")]
    Fail,
}

/// <summary>One thing the doctor looked at: what it is like and, unless all is well, what to do.</summary>
internal sealed record Finding(string Part, FindingState State, string What, string? Fix)
{
    public static Finding Ok(string part, string what) => new(part, FindingState.Ok, what, null);

    public static Finding Warn(string part, string what, string? fix) => new(part, FindingState.Warn, what, fix);

    public static Finding Fail(string part, string what, string? fix) => new(part, FindingState.Fail, what, fix);
}
