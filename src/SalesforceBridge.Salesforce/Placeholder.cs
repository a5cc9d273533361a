namespace SalesforceBridge.Salesforce;

internal static class Placeholder;
