using SalesforceBridge.Messaging;

namespace SalesforceBridge.Sources;

/// <summary>Which channel of the org a source is. Nothing else knows what the org calls its channels.</summary>
internal static class StreamChannels
{
    /// <summary>The channel of a stream source, for example <c>/event/Order_Placed__e</c>.</summary>
    public static string Of(SourceName source) => source.Kind switch
    {
        SourceKind.Event => $"/event/{source.Argument}",
        SourceKind.Change => $"/data/{ChangeEventOf(source.Argument)}",
        SourceKind.Topic => $"/topic/{source.Argument}",
        SourceKind.Channel => source.Argument,
        _ => throw new ArgumentException($"{source} is not a stream.", nameof(source)),
    };

    // Account -> AccountChangeEvent, Order__c -> Order__ChangeEvent.
    private static string ChangeEventOf(string sObject) =>
        sObject.EndsWith("__c", StringComparison.OrdinalIgnoreCase) ? $"{sObject[..^3]}__ChangeEvent" : $"{sObject}ChangeEvent";
}
