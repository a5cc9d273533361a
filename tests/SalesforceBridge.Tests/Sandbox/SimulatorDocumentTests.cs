using System.Reflection;
using System.Text.Json.Serialization;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Sandbox;

/// <summary>What docs/simulator.md lists.</summary>
public sealed class SimulatorDocumentTests
{
    [Fact]
    public void Every_fault_is_named()
    {
        string document = File.ReadAllText(Repository.PathOf("docs/simulator.md"));

        typeof(Fault).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(fault => $"`{fault.TypeDiscriminator}`").ShouldAllBe(name => document.Contains(name));
    }
}
