namespace SalesforceBridge.Simulator.Ledger;

/// <summary>What a client asked for. The ledger counts by it, and faults can be aimed at one.</summary>
public enum ApiCallKind
{
    /// <summary>A REST call the simulator does not know.</summary>
    Other,

    /// <summary>OAuth token endpoint, every grant; SOAP login.</summary>
    Token,

    /// <summary>Revoke, introspect, user info, identity; SOAP logout.</summary>
    Identity,

    /// <summary>The list of API versions, or of a version's resources.</summary>
    Resources,

    /// <summary>Describe of one object or of all; layouts, list views, quick actions, tabs and the theme.</summary>
    Describe,

    /// <summary>The schema of an event, by its name or by the id in an event.</summary>
    EventSchema,

    /// <summary>Limits, and how many records there are.</summary>
    Limits,

    /// <summary>query and queryAll, first page; the plan of one; what a list view finds.</summary>
    Query,

    /// <summary>Later pages of a query.</summary>
    QueryMore,

    /// <summary>SOSL search.</summary>
    Search,

    /// <summary>One record by id or external id; the recent ones.</summary>
    Read,

    /// <summary>Create one record, also by a quick action.</summary>
    Create,

    /// <summary>Update one record by id.</summary>
    Update,

    /// <summary>Upsert one record by external id.</summary>
    Upsert,

    /// <summary>Delete one record.</summary>
    Delete,

    /// <summary>Publish one platform event.</summary>
    Publish,

    /// <summary>Read up to 2,000 records by id.</summary>
    CollectionRead,

    /// <summary>Create up to 200 records, or publish as many events.</summary>
    CollectionCreate,

    /// <summary>Update up to 200 records.</summary>
    CollectionUpdate,

    /// <summary>Upsert up to 200 records.</summary>
    CollectionUpsert,

    /// <summary>Delete up to 200 records.</summary>
    CollectionDelete,

    /// <summary>Up to 25 requests, all or none if asked.</summary>
    Composite,

    /// <summary>Up to 25 requests, each a call of its own; the ledger has one line for all.</summary>
    CompositeBatch,

    /// <summary>Create up to 200 records with their children.</summary>
    CompositeTree,

    /// <summary>Composites side by side.</summary>
    CompositeGraph,

    /// <summary>getUpdated.</summary>
    Updated,

    /// <summary>getDeleted.</summary>
    Deleted,

    /// <summary>Make a Bulk job.</summary>
    BulkCreate,

    /// <summary>Upload the rows of a Bulk job.</summary>
    BulkUpload,

    /// <summary>Complete the upload of a Bulk job, or abort it.</summary>
    BulkChange,

    /// <summary>Look at a Bulk job, or at all.</summary>
    BulkRead,

    /// <summary>Results of a Bulk job, each list or page.</summary>
    BulkResults,

    /// <summary>Delete a Bulk job.</summary>
    BulkDelete,

    /// <summary>Push events to a generic channel, or ask who listens to it.</summary>
    Push,

    /// <summary>A class below <c>/services/apexrest</c>.</summary>
    ApexRest,

    /// <summary>Lists of actions, and the describe of one.</summary>
    Actions,

    /// <summary>Start a flow, an Apex action or a standard one, with any number of inputs.</summary>
    Invoke,

    /// <summary>Lists of approval processes and workflow rules; rules run on demand.</summary>
    Processes,

    /// <summary>Submit, approve or reject any number of records.</summary>
    Approve,

    /// <summary><c>/meta/handshake</c>.</summary>
    Handshake,

    /// <summary><c>/meta/connect</c>.</summary>
    Connect,

    /// <summary><c>/meta/subscribe</c>.</summary>
    Subscribe,

    /// <summary><c>/meta/unsubscribe</c>.</summary>
    Unsubscribe,

    /// <summary><c>/meta/disconnect</c>.</summary>
    Disconnect,
}
