using System.Text;
using System.Xml;

namespace SalesforceBridge.Salesforce.OutboundMessages;

/// <summary>
/// An envelope's elements one after the other, with everything refused that XML can do to a reader: document types, entities,
/// endless nesting, endless text. A method that reads an element begins at its first tag and ends at its last.
/// </summary>
internal sealed class EnvelopeXml : IDisposable
{
    /// <summary>How many elements may be within each other; an outbound message has six, and more with records in records.</summary>
    public const int DeepestNesting = 32;

    private const string SchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";

    private static readonly XmlReaderSettings Hardened = new()
    {
        Async = true,
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        CheckCharacters = true,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    private readonly EnvelopeText _text;
    private readonly XmlReader _xml;

    public EnvelopeXml(Stream envelope, long longest, CancellationToken ct)
    {
        _text = new EnvelopeText(envelope, longest, ct);
        _xml = XmlReader.Create(_text, Hardened);
    }

    public string Name => _xml.LocalName;

    public string Namespace => _xml.NamespaceURI;

    /// <summary>Whether the element says that it has no value.</summary>
    public bool IsNil => _xml.GetAttribute("nil", SchemaInstance)?.Trim() is "true" or "1";

    /// <summary>The element's <c>xsi:type</c>, with its prefix's namespace; null when it has none or its prefix means nothing.</summary>
    public (string Namespace, string Name)? Type
    {
        get
        {
            if (_xml.GetAttribute("type", SchemaInstance)?.Trim() is not { Length: > 0 } type)
                return null;
            int colon = type.IndexOf(':');
            return _xml.LookupNamespace(colon < 0 ? "" : type[..colon]) is { } meant ? (meant, type[(colon + 1)..]) : null;
        }
    }

    /// <summary>Where the children of this element are found; nowhere, if it is empty.</summary>
    public int Inside() => _xml.IsEmptyElement ? -1 : _xml.Depth + 1;

    /// <summary>Moves to the next element inside; false at the end of the one that is around it.</summary>
    /// <exception cref="EnvelopeException">There is text between the elements, or no XML.</exception>
    public async ValueTask<bool> NextAsync(int inside)
    {
        while (inside >= 0 && await ReadAsync())
        {
            switch (_xml.NodeType)
            {
                case XmlNodeType.Element:
                    return true;
                case XmlNodeType.EndElement:
                    return false;
                case XmlNodeType.Text or XmlNodeType.CDATA when !string.IsNullOrWhiteSpace(await ValueAsync()):
                    throw new EnvelopeException(new EnvelopeFault.Unexpected("text"));
            }
        }

        return false;
    }

    /// <summary>Reads the element's text, or moves to the first element inside and returns null.</summary>
    /// <exception cref="EnvelopeException">There is text before an element, or no XML.</exception>
    public async ValueTask<string?> TextOrElementAsync()
    {
        if (_xml.IsEmptyElement)
            return "";
        var text = new StringBuilder();
        while (await ReadAsync() && _xml.NodeType != XmlNodeType.EndElement)
        {
            if (_xml.NodeType != XmlNodeType.Element)
                text.Append(await ValueAsync());
            else if (string.IsNullOrWhiteSpace(text.ToString()))
                return null;
            else
                throw new EnvelopeException(new EnvelopeFault.Unexpected("text"));
        }

        return text.ToString();
    }

    /// <summary>Reads the element's text without the blanks around it; null if it has none.</summary>
    /// <exception cref="EnvelopeException">There is an element inside, or no XML.</exception>
    public async ValueTask<string?> TextAsync()
    {
        string text = await TextOrElementAsync() ?? throw new EnvelopeException(new EnvelopeFault.Unexpected(Name));
        return text.Trim() is { Length: > 0 } some ? some : null;
    }

    /// <summary>Reads past the element, whatever is in it.</summary>
    public async ValueTask PassAsync()
    {
        int depth = _xml.Depth;
        if (_xml.IsEmptyElement)
            return;
        while (await ReadAsync() && _xml.Depth > depth)
        {
        }
    }

    /// <summary>Moves to the root element.</summary>
    public async ValueTask RootAsync()
    {
        while (await ReadAsync() && _xml.NodeType != XmlNodeType.Element)
        {
            if (_xml.NodeType == XmlNodeType.XmlDeclaration && _xml.GetAttribute("encoding") is { } encoding && !IsUtf8(encoding))
                throw new EnvelopeException(new EnvelopeFault.NotUtf8());
        }
    }

    /// <summary>Reads what is left, which shows whether the envelope is whole.</summary>
    public async ValueTask FinishAsync()
    {
        while (await ReadAsync())
        {
        }
    }

    public void Dispose()
    {
        _xml.Dispose();
        _text.Dispose();
    }

    // ASCII is UTF-8 too.
    private static bool IsUtf8(string encoding) =>
        encoding.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || encoding.Equals("us-ascii", StringComparison.OrdinalIgnoreCase);

    private async ValueTask<bool> ReadAsync()
    {
        bool isMore = await GuardAsync(_xml.ReadAsync);
        return _xml.Depth < DeepestNesting ? isMore : throw new EnvelopeException(new EnvelopeFault.TooDeep());
    }

    private ValueTask<string> ValueAsync() => GuardAsync(_xml.GetValueAsync);

    private static async ValueTask<T> GuardAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (XmlException rootless) when (rootless.LineNumber == 0)
        {
            // Only a prohibited document type and a missing root have no place.
            throw new EnvelopeException(new EnvelopeFault.NoRoot());
        }
        catch (XmlException broken)
        {
            throw new EnvelopeException(new EnvelopeFault.NotXml(broken.LineNumber, broken.LinePosition));
        }
        catch (DecoderFallbackException)
        {
            throw new EnvelopeException(new EnvelopeFault.NotUtf8());
        }
    }
}
