using SalesforceBridge.LocalPostgres;
using SalesforceBridge.Tests.Crashes;
using SalesforceBridge.Tests.Drivers;

namespace SalesforceBridge.Tests.OpenApi;

/// <summary>Who may read the document, and when it cannot be told.</summary>
public sealed class AdmissionTests
{
    private const string Route = "-- on: callout orders\n-- do: reply\n-- takes: Id text\nselect 1 as one from message";

    [Theory]
    [InlineData(null, null)]
    [InlineData("X-Api-Key", "a-secret-of-the-test-012345678")]
    [InlineData("Authorization", "Bearer nonsense")]
    [InlineData("x-client-context", "eyJvcmdJZCI6IjAwRCJ9")]
    public async Task Whoever_knows_no_secret_is_told_nothing(string? header, string? value)
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(route: Route);

        CalloutAnswer answer = await apex.SendAsync(header is null ? OpenApiReader.Request : OpenApiReader.Request.With(header, value!));

        (answer.Status, answer.Error).ShouldBe((401, "unauthorized"));
        answer.Body.ShouldNotContain("orders");
    }

    [Fact]
    public async Task Each_way_that_admits_a_call_admits_a_reader()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(route: Route);
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        HttpRequestMessage Signed(string body) => OpenApiReader.Request
            .With("X-Bridge-Timestamp", $"{now}").With("X-Bridge-Signature", CalloutCaller.Sign(CalloutCaller.Secret, $"{now}.{body}"));

        (await apex.SendAsync(OpenApiReader.Request.With("Authorization", $"Bearer {CalloutCaller.Secret}"))).Status.ShouldBe(200);
        (await apex.SendAsync(Signed(""))).Status.ShouldBe(200);
        (await apex.SendAsync(Signed("{}"))).Status.ShouldBe(401);
    }

    [Fact]
    public async Task A_reader_from_elsewhere_is_refused_whatever_it_knows()
    {
        await using CalloutCaller far = await CalloutCaller.StartAsync(vars => vars.With("BRIDGE_TRUSTED_RANGES", "13.108.0.0/14"), route: Route);

        CalloutAnswer answer = await far.SendAsync(OpenApiReader.Request.With("X-Api-Key", CalloutCaller.Secret));

        (answer.Status, answer.Error).ShouldBe((403, "untrusted_address"));
    }

    [Fact]
    public async Task While_the_database_is_away_the_document_comes_later_unless_its_replies_are_known()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using PostgresServer server = await PostgresServer.StartAsync(OwnServer.Settings, ct);
        await using CalloutCaller apex = await CalloutCaller.StartAsync(route: Route, server: server);
        await using CalloutCaller other = await CalloutCaller.StartAsync(route: Route, server: server);
        string known = (await other.SendAsync(OpenApiReader.Request.With("X-Api-Key", CalloutCaller.Secret))).Body;

        await server.StopAsync(crash: true, ct);
        CalloutAnswer away = await apex.SendAsync(OpenApiReader.Request.With("X-Api-Key", CalloutCaller.Secret));

        (away.Status, away.Error, away.RetryAfter).ShouldBe((503, "database_away", TimeSpan.FromSeconds(5)));
        (await other.SendAsync(OpenApiReader.Request.With("X-Api-Key", CalloutCaller.Secret))).Body.ShouldBe(known);

        await server.LaunchAsync(ct);
        await other.DocumentAsync();
        (await apex.DocumentAsync()).GetProperty("paths").Names().ShouldBe(["/callouts/orders"]);
    }
}
