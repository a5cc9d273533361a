namespace SalesforceBridge.Salesforce.Rest;

/// <summary>
/// What a Platform Event or a change event carries, in the order of its Avro schema. Unlike a describe it has what subscribers are
/// delivered: no <c>ReplayId</c> and no <c>EventUuid</c>, which stand beside the payload, and compound fields as the records that they come as.
/// </summary>
/// <param name="Name">The event's API name, such as <c>Order_Placed__e</c> or <c>AccountChangeEvent</c>.</param>
/// <param name="Fields">The fields of the payload.</param>
/// <param name="Id">The id that events of this definition have as their <c>schema</c>; null in <see cref="EventSchemaFormat.Expanded"/>, which does not tell it.</param>
/// <param name="Namespace">Avro's namespace of the name, <c>com.sforce.eventbus</c>; null where it has none.</param>
public sealed record EventSchema(string Name, IReadOnlyList<EventField> Fields, string? Id = null, string? Namespace = null);

/// <summary>A field of an event, or of a record in it.</summary>
/// <param name="Name">The API name.</param>
/// <param name="Type">The type of what is there; <see cref="AvroType.Primitive"/> of the name <c>null</c> where that is never anything.</param>
/// <param name="Nullable">Whether it may be null. Over CometD a change event leaves out what did not change, header fields too.</param>
/// <param name="Doc">
/// The field's type for Salesforce, <c>Data:Text:00N...</c>; null where it is not told. Salesforce advises against relying on it: a describe has types.
/// </param>
public sealed record EventField(string Name, AvroType Type, bool Nullable = false, string? Doc = null);

/// <summary>The form of an event's schema.</summary>
public enum EventSchemaFormat
{
    /// <summary>The types of the binary form (Pub/Sub API), in which days, moments and times of day are <c>long</c>. It tells the schema's id.</summary>
    Compact,

    /// <summary>The types of the JSON that CometD delivers, in which they are <c>string</c>.</summary>
    Expanded,
}

/// <summary>A type of Apache Avro.</summary>
public abstract record AvroType
{
    private AvroType()
    {
    }

    /// <summary>A type without parts.</summary>
    /// <param name="Name"><c>boolean</c>, <c>int</c>, <c>long</c>, <c>float</c>, <c>double</c>, <c>bytes</c>, <c>string</c> or <c>null</c>.</param>
    /// <param name="LogicalType">What it stands for, such as <c>timestamp-millis</c>; null for itself.</param>
    public sealed record Primitive(string Name, string? LogicalType = null) : AvroType;

    /// <summary>A record, such as a change event's header or an address.</summary>
    /// <param name="Name">Its name in the schema.</param>
    /// <param name="Fields">Its fields.</param>
    public sealed record Record(string Name, IReadOnlyList<EventField> Fields) : AvroType;

    /// <summary>One of several words.</summary>
    /// <param name="Name">Its name in the schema.</param>
    /// <param name="Symbols">The words. Salesforce adds some with time.</param>
    public sealed record Enum(string Name, IReadOnlyList<string> Symbols) : AvroType;

    /// <summary>A list.</summary>
    /// <param name="Items">What is in it.</param>
    public sealed record Array(AvroType Items) : AvroType;

    /// <summary>Values by names.</summary>
    /// <param name="Values">What they are.</param>
    public sealed record Map(AvroType Values) : AvroType;

    /// <summary>One of several types. That a field may be null is said by <see cref="EventField.Nullable"/> and not here.</summary>
    /// <param name="Types">The types.</param>
    public sealed record Union(IReadOnlyList<AvroType> Types) : AvroType;

    /// <summary>A type that this client does not know.</summary>
    /// <param name="Json">As the schema has it.</param>
    public sealed record Unknown(string Json) : AvroType;
}
