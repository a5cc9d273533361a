using SalesforceBridge.InteropTests.Node;

namespace SalesforceBridge.InteropTests.OpenApi;

/// <summary>swagger-parser finds the bridge's document to be OpenAPI 3.0, and Ajv finds the answers to be what it says. Each scenario is a function beside this file.</summary>
public sealed class DocumentTests(BridgeProcess bridge) : IClassFixture<BridgeProcess>
{
    [Fact]
    public Task The_document_is_valid() => RunAsync("isValid");

    [Fact]
    public Task A_broken_document_is_not() => RunAsync("isRejectedOnceBroken");

    [Fact]
    public Task Every_operation_answers_as_the_document_says() => RunAsync("saysWhatIsAnswered");

    private async Task RunAsync(string scenario)
    {
        string output = await NodeProcess.RunAsync("OpenApi/documents.js", [scenario, bridge.Address, BridgeProcess.Secret], TestContext.Current.CancellationToken);

        output.ShouldContain($"{scenario}: done");
    }
}
