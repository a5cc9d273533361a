namespace SalesforceBridge.Messaging;

/// <summary>What becomes of the rows of a delivery once they reach their destination: the first word of a <c>do:</c> header.</summary>
public enum DeliveryVerb
{
    /// <summary>Publishes a Platform Event.</summary>
    Publish,

    /// <summary>Creates a record.</summary>
    Create,

    /// <summary>Updates a record by its id.</summary>
    Update,

    /// <summary>Creates or updates a record by an external id.</summary>
    Upsert,

    /// <summary>Deletes a record by its id.</summary>
    Delete,

    /// <summary>Invokes a flow, an Apex action or one of the org's standard ones.</summary>
    Invoke,

    /// <summary>Submits a record for approval.</summary>
    Submit,

    /// <summary>Calls an HTTP API from the configuration.</summary>
    Request,
}

/// <summary>What a route does with its statement: its <c>do:</c> header.</summary>
public abstract record RouteAction
{
    private RouteAction()
    {
    }

    /// <summary>The forms a <c>do:</c> header takes.</summary>
    internal const string Forms = "`execute`, `publish E__e`, `create X`, `update X`, `upsert X by Ext__c`, `delete X`, `invoke flow F`, "
        + "`invoke apex C`, `invoke action A`, `submit X for approval`, `request NAME` or `reply`";

    private static readonly string[] Words =
        ["execute", "publish", "create", "update", "upsert", "delete", "invoke", "submit", "request", "reply"];

    /// <summary>What a delivery in doubt does unless the route says otherwise: it is repeated where twice is as good as once, and for events.</summary>
    public WhenInDoubt DefaultWhenInDoubt => this is Deliver
    {
        Verb: DeliveryVerb.Create or DeliveryVerb.Invoke or DeliveryVerb.Submit or DeliveryVerb.Request,
    }
        ? WhenInDoubt.Park
        : WhenInDoubt.Repeat;

    /// <summary>Reads an action as a <c>do:</c> header names it; an empty text is <c>execute</c>.</summary>
    /// <exception cref="FormatException">The text names no action; the message says what is wrong and what to write.</exception>
    public static RouteAction Parse(string text)
    {
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        string verb = words.Length == 0 ? "execute" : words[0].ToLowerInvariant();
        return (verb, words) switch
        {
            ("execute", []) or ("execute", [_]) => new Execute(OncePerBatch: false),
            ("reply", [_]) => new Reply(),
            ("publish", [_, string name]) when Shapes.EventName().IsMatch(name) => new Deliver($"publish {name}", DeliveryVerb.Publish),
            ("create", [_, string name]) when IsApiName(name) => new Deliver($"create {name}", DeliveryVerb.Create),
            ("update", [_, string name]) when IsApiName(name) => new Deliver($"update {name}", DeliveryVerb.Update),
            ("delete", [_, string name]) when IsApiName(name) => new Deliver($"delete {name}", DeliveryVerb.Delete),
            ("upsert", [_, string name, "by", string field]) when IsApiName(name) && IsApiName(field) =>
                new Deliver($"upsert {name} by {field}", DeliveryVerb.Upsert),
            ("invoke", [_, "flow" or "apex" or "action", string name]) when IsApiName(name) =>
                new Deliver($"invoke {words[1]} {name}", DeliveryVerb.Invoke),
            ("submit", [_, string name, "for", "approval"]) when IsApiName(name) =>
                new Deliver($"submit {name} for approval", DeliveryVerb.Submit),
            ("request", [_, string name]) when Shapes.SimpleName().IsMatch(name) => new Deliver($"request {name}", DeliveryVerb.Request),
            _ when Words.Contains(verb) =>
                throw new FormatException($"`{string.Join(' ', words)}` is not how `{verb}` is written; the forms are {Forms}"),
            _ => throw new FormatException($"`{verb}` is nothing a route can do; {Nearest.To(verb, Words)}"),
        };
    }

    /// <summary>The action in its canonical form, as in a <c>do:</c> header.</summary>
    public abstract override string ToString();

    private static bool IsApiName(string name) => Shapes.ApiName().IsMatch(name);

    /// <summary>The statement is DML and does its work in our database.</summary>
    /// <param name="OncePerBatch">It runs once for a batch of messages instead of once for each.</param>
    public sealed record Execute(bool OncePerBatch) : RouteAction
    {
        /// <inheritdoc/>
        public override string ToString() => "execute";
    }

    /// <summary>The statement's rows answer the callout that asked.</summary>
    public sealed record Reply : RouteAction
    {
        /// <inheritdoc/>
        public override string ToString() => "reply";
    }

    /// <summary>Each of the statement's rows becomes a delivery.</summary>
    /// <param name="Destination">The canonical text of the <c>do:</c> header, such as <c>upsert Order__c by Number__c</c>.</param>
    /// <param name="Verb">Its first word.</param>
    public sealed record Deliver(string Destination, DeliveryVerb Verb) : RouteAction
    {
        /// <inheritdoc/>
        public override string ToString() => Destination;
    }
}
