using System.Text;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class BlobTests
{
    private static readonly Dictionary<string, object?> File = new() { ["PathOnClient"] = "a.txt" };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_blob_is_read_from_its_own_resource()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET sobjects/ContentVersion/068/VersionData", new Answer(200, "the bytes") { ContentType = "application/octetstream" });
        using var client = new Client(org);
        await using Stream blob = await client.Rest.BlobRetrieveStreamAsync("ContentVersion", "068", "VersionData", Ct);
        using var reader = new StreamReader(blob);

        (await reader.ReadToEndAsync(Ct)).ShouldBe("the bytes");
        org.Requests.Single().Headers["Accept"].ShouldBe("*/*");
    }

    [Fact]
    public async Task A_missing_blob_is_an_error_and_not_a_stream()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET sobjects/ContentVersion/068/VersionData", Answer.Error(404, "NOT_FOUND"));
        using var client = new Client(org);

        (await Should.ThrowAsync<SalesforceException>(client.Rest.BlobRetrieveStreamAsync("ContentVersion", "068", "VersionData", Ct))).Code.ShouldBe("NOT_FOUND");
    }

    [Fact]
    public async Task A_file_is_sent_beside_the_fields()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("POST sobjects/ContentVersion", Answer.SessionExpired(), new Answer(201, """{"id":"068","success":true,"errors":[]}"""));
        using var client = new Client(org);
        using var content = new MemoryStream(Encoding.UTF8.GetBytes("skipped, the bytes")) { Position = 9 };

        SaveResult result = await client.Rest.CreateBlobRecordAsync("ContentVersion", File, "VersionData", "a \"b\".txt", content, Ct);

        result.Id.ShouldBe("068");
        string body = org.Requests[1].Body;
        string boundary = body[..body.IndexOf('\r')];
        org.Requests[1].Headers["Content-Type"].ShouldBe($"multipart/form-data; boundary={boundary[2..]}");
        body.ShouldBe($$"""
            {{boundary}}
            Content-Disposition: form-data; name="entity_content"
            Content-Type: application/json

            {"PathOnClient":"a.txt"}
            {{boundary}}
            Content-Disposition: form-data; name="VersionData"; filename="a %22b%22.txt"
            Content-Type: application/octet-stream

            the bytes
            {{boundary}}--

            """.ReplaceLineEndings("\r\n"));
    }

    [Fact]
    public async Task A_create_with_a_file_that_may_have_happened_is_not_sent_again()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("POST sobjects/ContentVersion", Answer.Dropped());
        using var client = new Client(org);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(
            client.Rest.CreateBlobRecordAsync("ContentVersion", File, "VersionData", "a.txt", new MemoryStream([1]), Ct));

        failure.InDoubt.ShouldBeTrue();
        org.Requests.Count.ShouldBe(1);
    }
}
