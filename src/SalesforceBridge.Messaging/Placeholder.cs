namespace SalesforceBridge.Messaging;

internal static class Placeholder;
