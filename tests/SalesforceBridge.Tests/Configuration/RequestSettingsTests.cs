using SalesforceBridge.Configuration;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Configuration;

public sealed class RequestSettingsTests
{
    [Fact]
    public void Each_api_is_read_by_its_name()
    {
        IReadOnlyList<RequestSettings> apis = ConfigVars.Complete
            .With("BRIDGE_REQUEST_MULE_ORDERS_URL", "https://orders.example.com/v1/").With("BRIDGE_REQUEST_MULE_ORDERS_AUTH", "Anypoint")
            .With("BRIDGE_REQUEST_MULE_ORDERS_USER", "an-id").With("BRIDGE_REQUEST_MULE_ORDERS_SECRET", "a-secret")
            .With("BRIDGE_REQUEST_ERP_URL", "http://localhost:8080").With("BRIDGE_REQUEST_ERP_CONCURRENCY", "9")
            .With("BRIDGE_REQUEST_CRM_URL", "https://crm.example.com").With("BRIDGE_REQUEST_CRM_AUTH", "client-credentials").With("BRIDGE_REQUEST_CRM_USER", "id")
            .With("BRIDGE_REQUEST_CRM_SECRET", "s").With("BRIDGE_REQUEST_CRM_TOKEN_URL", "https://login.example.com/token?audience=crm")
            .Read().Requests;

        apis.Select(api => $"{api.Name} {api.Url} {api.Auth.GetType().Name} {api.Concurrency}").ShouldBe(
            ["CRM https://crm.example.com/ ClientCredentials 4", "ERP http://localhost:8080/ None 9", "MULE_ORDERS https://orders.example.com/v1 Anypoint 4"]);
        RequestSettings.NameOf("mule-orders").ShouldBe("MULE_ORDERS");
    }

    [Fact]
    public void Every_fault_is_listed_at_once_and_without_a_secret()
    {
        string refusal = ConfigVars.Complete
            .With("BRIDGE_REQUEST_A_AUTH", "bearer")
            .With("BRIDGE_REQUEST_B_URL", "http://b.example.com").With("BRIDGE_REQUEST_B_SECRET", "hunter2")
            .With("BRIDGE_REQUEST_C_URL", "https://me:hunter2@c.example.com").With("BRIDGE_REQUEST_C_AUTH", "kerberos").With("BRIDGE_REQUEST_C_CONCURRENCY", "65")
            .With("BRIDGE_REQUEST_D_URL", "https://d.example.com?x=1").With("BRIDGE_REQUEST_D_AUTH", "hmac").With("BRIDGE_REQUEST_D_SECRET", "hunter2").With("BRIDGE_REQUEST_D_USER", "ann")
            .With("BRIDGE_REQUEST_E_URL", "https://e.example.com").With("BRIDGE_REQUEST_E_AUTH", "client-credentials").With("BRIDGE_REQUEST_E_USER", "id")
            .With("BRIDGE_REQUEST_F_URI", "https://f.example.com").Refusal();

        refusal.ShouldBe("""
            SalesforceBridge was not started: 13 config vars cannot be used.
              BRIDGE_REQUEST_F_URI is no setting of an API. Its name is BRIDGE_REQUEST_, the API's name in capitals, and one of _URL, _AUTH, _USER, _SECRET, _TOKEN_URL, _CONCURRENCY.
              BRIDGE_REQUEST_A_SECRET is not set, and _AUTH bearer needs it. Set what the API's owner gave you.
              BRIDGE_REQUEST_A_URL is not set. Set one like https://api.example.com/v1; http is taken for this machine alone.
              BRIDGE_REQUEST_B_AUTH is not set, though _SECRET is. Set none, basic, bearer, client-credentials, anypoint or hmac.
              BRIDGE_REQUEST_B_URL is 'http://b.example.com', not an https address without user, query or fragment. Set one like https://api.example.com/v1; http is taken for this machine alone.
              BRIDGE_REQUEST_C_AUTH is no way to prove who calls. Set none, basic, bearer, client-credentials, anypoint or hmac; not set it is none.
              BRIDGE_REQUEST_C_CONCURRENCY is '65', not a number from 1 to 64. Set how many requests may be under way at once; not set it is 4.
              BRIDGE_REQUEST_C_URL is **** (hidden), not an https address without user, query or fragment. Set one like https://api.example.com/v1; http is taken for this machine alone.
              BRIDGE_REQUEST_D_USER has no meaning with _AUTH hmac. Remove it, or correct the other.
              BRIDGE_REQUEST_D_SECRET has fewer than 16 characters. Set what the API's owner gave you.
              BRIDGE_REQUEST_D_URL is **** (hidden), not an https address without user, query or fragment. Set one like https://api.example.com/v1; http is taken for this machine alone.
              BRIDGE_REQUEST_E_SECRET is not set, and _AUTH client-credentials needs it. Set what the API's owner gave you.
              BRIDGE_REQUEST_E_TOKEN_URL is not set. Set one like https://login.example.com/oauth2/token; http is taken for this machine alone.
            """);
    }
}
