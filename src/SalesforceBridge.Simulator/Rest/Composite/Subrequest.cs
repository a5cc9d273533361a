using System.Text.Json;

namespace SalesforceBridge.Simulator.Rest.Composite;

/// <summary>A request inside another one.</summary>
/// <param name="Method"><c>POST</c>, in capitals.</param>
/// <param name="Url">As it was sent.</param>
/// <param name="Body">Undefined when there is none.</param>
internal sealed record Subrequest(string Method, string Url, JsonElement Body)
{
    /// <summary>By what others and the answer name it; nothing in a batch.</summary>
    public string? ReferenceId { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether a composite takes but a few of its sort: it reads or writes many records at once.</summary>
    public bool IsCostly => ResourceAddress.Parse(Url).Kind is ResourceKind.Query or ResourceKind.Collection;

    public string Header(string name) => Headers.GetValueOrDefault(name, "");
}
