namespace SalesforceBridge.Bayeux;

internal static class Placeholder;
