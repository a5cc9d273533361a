namespace SalesforceBridge.Tests.Infrastructure;

/// <summary>Asks web processes over HTTP.</summary>
internal sealed class Browser(Uri address) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler()) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(20) };

    public int Port => address.Port;

    public async Task<(int Status, string Body)> GetAsync(string path)
    {
        using HttpResponseMessage response = await _http.GetAsync(path, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _http.SendAsync(request, TestContext.Current.CancellationToken);

    public void Dispose() => _http.Dispose();
}
