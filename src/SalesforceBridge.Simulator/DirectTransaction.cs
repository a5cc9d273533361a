using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator;

/// <summary>Changes a driver makes together. A refused one throws, and undoes those before it.</summary>
public sealed class DirectTransaction
{
    private readonly Org _org;
    private readonly OrgTransaction _transaction;

    internal DirectTransaction(Org org, OrgTransaction transaction) => (_org, _transaction) = (org, transaction);

    /// <summary>Creates a record and returns its id.</summary>
    public string Create(string objectName, object fields) =>
        SimulatedOrg.Accepted(_transaction.Create(Objects(objectName), SimulatedOrg.ToJson(fields))).RecordId!;

    /// <summary>Updates a record.</summary>
    public void Update(string objectName, string id, object fields)
    {
        ObjectType type = Objects(objectName);
        SimulatedOrg.Accepted(_transaction.Update(type, type.RequireId(id), SimulatedOrg.ToJson(fields)));
    }

    /// <summary>Deletes a record.</summary>
    public void Delete(string objectName, string id)
    {
        ObjectType type = Objects(objectName);
        SimulatedOrg.Accepted(_transaction.Delete(type, type.RequireId(id)));
    }

    private ObjectType Objects(string name) =>
        _org.Schema.Objects.GetValueOrDefault(name) ?? throw new InvalidOperationException($"The org's schema declares no object '{name}'.");
}
