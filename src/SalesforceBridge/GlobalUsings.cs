// ASP.NET has routes too; here a route is always the bridge's.
global using IRouteHandler = SalesforceBridge.Messaging.IRouteHandler;
global using Route = SalesforceBridge.Messaging.Route;
