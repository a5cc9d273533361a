global using SalesforceBridge.Messaging.Inbox;
global using SalesforceBridge.Messaging.Routes;
