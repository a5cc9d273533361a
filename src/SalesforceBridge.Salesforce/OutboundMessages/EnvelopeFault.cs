namespace SalesforceBridge.Salesforce.OutboundMessages;

/// <summary>Why an envelope is no outbound message that can be taken: a closed family.</summary>
public abstract record EnvelopeFault
{
    private const int LongestName = 80;

    private EnvelopeFault()
    {
    }

    /// <summary>In words, for the org's delivery status and for logs; has neither values of fields nor secrets.</summary>
    public abstract string Text { get; }

    /// <summary>The bytes are not UTF-8, or the XML declaration names another encoding. Salesforce sends UTF-8.</summary>
    public sealed record NotUtf8 : EnvelopeFault
    {
        /// <inheritdoc/>
        public override string Text => "The envelope is not UTF-8; send it as UTF-8.";
    }

    /// <summary>Reading came to no root element: there is none, or a document type stands before it.</summary>
    public sealed record NoRoot : EnvelopeFault
    {
        /// <inheritdoc/>
        public override string Text => "The envelope is empty, or begins with a document type, which SOAP forbids.";
    }

    /// <summary>It is not well-formed, is cut short, or names an entity that XML does not have by itself.</summary>
    /// <param name="Line">The line where reading stopped, from 1.</param>
    /// <param name="Position">The character in that line, from 1.</param>
    public sealed record NotXml(int Line, int Position) : EnvelopeFault
    {
        /// <inheritdoc/>
        public override string Text => $"The envelope is not well-formed XML: reading stopped at line {Line}, character {Position}.";
    }

    /// <summary>It is longer than allowed.</summary>
    /// <param name="Longest">How much is taken, in characters or bytes.</param>
    public sealed record TooLong(long Longest) : EnvelopeFault
    {
        /// <inheritdoc/>
        public override string Text => $"The envelope is longer than {Longest} bytes; select fewer or shorter fields for the outbound message.";
    }

    /// <summary>Elements are nested deeper than any outbound message nests them.</summary>
    public sealed record TooDeep : EnvelopeFault
    {
        /// <inheritdoc/>
        public override string Text => $"The envelope has more than {EnvelopeXml.DeepestNesting} elements within each other.";
    }

    /// <summary>The root is not the envelope of SOAP 1.1.</summary>
    /// <param name="Root">The root element's name.</param>
    /// <param name="Namespace">Its namespace.</param>
    public sealed record NotSoap11(string Root, string Namespace) : EnvelopeFault
    {
        /// <summary>It is an envelope, but of another version of SOAP.</summary>
        public bool IsOtherVersion => Root == "Envelope";

        /// <inheritdoc/>
        public override string Text => IsOtherVersion
            ? "The envelope is not one of SOAP 1.1; send SOAP 1.1, as outbound messages do."
            : $"The root element is {Shown(Root)} and not the Envelope of SOAP 1.1.";
    }

    /// <summary>There is an element, or text, where no outbound message has it.</summary>
    /// <param name="Found">The element's name, or <c>text</c>.</param>
    public sealed record Unexpected(string Found) : EnvelopeFault
    {
        /// <inheritdoc/>
        public override string Text => $"{Shown(Found)} stands where no outbound message has it.";
    }

    /// <summary>Something that every outbound message has is not there, or is empty.</summary>
    /// <param name="What">What is missing.</param>
    public sealed record Missing(string What) : EnvelopeFault
    {
        /// <inheritdoc/>
        public override string Text => $"The outbound message has no {What}.";
    }

    /// <summary>A field is there twice, so nobody can say which of its values counts.</summary>
    /// <param name="Field">The field's name.</param>
    public sealed record Repeated(string Field) : EnvelopeFault
    {
        /// <inheritdoc/>
        public override string Text => $"A record has {Shown(Field)} more than once.";
    }

    /// <summary>There are more notifications than an outbound message can have.</summary>
    public sealed record TooMany : EnvelopeFault
    {
        /// <inheritdoc/>
        public override string Text => $"The outbound message has more than {OutboundMessageReader.MostNotifications} notifications.";
    }

    /// <summary>The notifications are about records of two types; an outbound message belongs to one.</summary>
    /// <param name="First">The type of the first notification.</param>
    /// <param name="Other">The type that followed.</param>
    public sealed record MixedObjects(string First, string Other) : EnvelopeFault
    {
        /// <inheritdoc/>
        public override string Text => $"The outbound message has records of two types, {First} and {Other}.";
    }

    // A name may be as long as the envelope.
    private static string Shown(string name) => name.Length <= LongestName ? name : $"{name[..LongestName]}...";
}

/// <summary>An envelope that is no outbound message that can be taken. What was read of it before counts for nothing.</summary>
/// <param name="fault">Why.</param>
public sealed class EnvelopeException(EnvelopeFault fault) : Exception(fault.Text)
{
    /// <summary>Why.</summary>
    public EnvelopeFault Fault { get; } = fault;
}
