namespace SalesforceBridge.Simulator.HerokuConnect;

/// <summary>How the stand-in for Heroku Connect is set up. The times are those of the real one; tests make them short.</summary>
public sealed record HerokuConnectOptions
{
    /// <summary>The database, as Npgsql reaches it. The user may create a schema, and the extension hstore where it is missing.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>The schema of the mapped tables; it is created where it is missing.</summary>
    public string Schema { get; init; } = "salesforce";

    /// <summary>What is mapped: one for each object.</summary>
    public required IReadOnlyList<MappingOptions> Mappings { get; init; }

    /// <summary>The pause between two looks at the org.</summary>
    public TimeSpan ReadEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The pause between two looks at the trigger log, when it does not ring.</summary>
    public TimeSpan WriteEvery { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The shortest pause between two looks at the trigger log, when it rings.</summary>
    public TimeSpan WritePause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an entry that is done stays in the trigger log before it goes to the archive.</summary>
    public TimeSpan ArchiveAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The user of the org that writes; nothing: the first of its schema.</summary>
    public string? Username { get; init; }

    /// <summary>The Heroku app that the API knows the connection by.</summary>
    public string App { get; init; } = "sandbox-app";

    /// <summary>What callers of the API present as their bearer token.</summary>
    public string ApiToken { get; init; } = "sandbox-heroku-token";
}

/// <summary>Whether what an app writes into a mapped table goes to the org.</summary>
public enum MappingAccess
{
    /// <summary>It does not, and its log entries are READONLY.</summary>
    ReadOnly,

    /// <summary>It does.</summary>
    ReadWrite,
}

/// <summary>An object of the org that has a table.</summary>
/// <param name="Object">Its API name.</param>
/// <param name="Fields">
/// The fields that are mapped beside Id, CreatedDate, IsDeleted and SystemModstamp; also a parent's external id, as in
/// <c>Account.External_Id__c</c>, which becomes the column <c>account__external_id__c</c>.
/// </param>
public sealed record MappingOptions(string Object, params IReadOnlyList<string> Fields)
{
    /// <summary>Whether apps write through it.</summary>
    public MappingAccess Access { get; init; } = MappingAccess.ReadWrite;

    /// <summary>A unique external id among the fields: new rows are upserted by it instead of created.</summary>
    public string? UpsertField { get; init; }
}

/// <summary>How a reload empties a table. Which way the real one goes is not published.</summary>
public enum ReloadMethod
{
    /// <summary>TRUNCATE.</summary>
    Truncate,

    /// <summary>DELETE of every row.</summary>
    Delete,
}
