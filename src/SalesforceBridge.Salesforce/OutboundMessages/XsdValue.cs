using System.Text.Json;
using System.Text.RegularExpressions;

namespace SalesforceBridge.Salesforce.OutboundMessages;

/// <summary>A field's text as the JSON value that its XML Schema type asks for. A text that is none of its type stays a text.</summary>
internal static partial class XsdValue
{
    private const string Schema = "http://www.w3.org/2001/XMLSchema";

    public static void Write(Utf8JsonWriter json, string text, (string Namespace, string Name)? type)
    {
        switch (type is (Schema, { } name) ? name : null)
        {
            case "boolean" when text.Trim() is "true" or "1":
                json.WriteBooleanValue(true);
                break;
            case "boolean" when text.Trim() is "false" or "0":
                json.WriteBooleanValue(false);
                break;
            case "double" or "float" or "decimal" or "integer" or "int" or "long" or "short" or "byte" when NumberForm().Match(text) is { Success: true } number:
                json.WriteRawValue(Number(number));
                break;
            default:
                json.WriteStringValue(text);
                break;
        }
    }

    // Digit by digit, so that an amount keeps its scale; JSON allows neither a plus before a number nor a zero, and no lonely point.
    private static string Number(Match number)
    {
        string whole = number.Groups["whole"].Value.TrimStart('0');
        string fraction = number.Groups["fraction"].Value;
        string sign = number.Groups["sign"].Value == "-" ? "-" : "";
        return $"{sign}{(whole.Length == 0 ? "0" : whole)}{(fraction.Length == 0 ? "" : $".{fraction}")}{number.Groups["exponent"].Value}";
    }

    [GeneratedRegex(
        @"^\s*(?<sign>[+-]?)(?=\.?[0-9])(?<whole>[0-9]*)(\.(?<fraction>[0-9]*))?(?<exponent>([eE][+-]?[0-9]+)?)\s*$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NumberForm();
}
