namespace SalesforceBridge.Salesforce.Rest;

/// <summary>What to do with records. Publishing an event is to create one of an <c>__e</c> object.</summary>
public enum SaveVerb
{
    /// <summary>Makes a new record; twice makes two.</summary>
    Create,

    /// <summary>Changes the record that has the <c>Id</c>.</summary>
    Update,

    /// <summary>Changes the record that has the external id, or makes it.</summary>
    Upsert,

    /// <summary>Deletes the record that has the <c>Id</c>. One that is deleted already counts as success, so a delete may be repeated.</summary>
    Delete,
}
