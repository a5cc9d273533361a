using System.Net;
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
    public async Task A_blob_is_there_before_all_of_it_is_and_whoever_ends_it_gets_a_cancellation()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET sobjects/Attachment/00P/Body", new Answer(200, "begun and never ended") { ContentType = "image/png", StallAfter = 5 });
        using var client = new Client(org);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        await using Stream blob = await client.Rest.BlobRetrieveStreamAsync("Attachment", "00P", "Body", Ct);
        byte[] begun = new byte[5];

        await blob.ReadExactlyAsync(begun, Ct);
        ValueTask<int> rest = blob.ReadAsync(new byte[1], enough.Token);
        await enough.CancelAsync();

        Encoding.UTF8.GetString(begun).ShouldBe("begun");
        await Should.ThrowAsync<OperationCanceledException>(rest.AsTask());
    }

    [Fact]
    public async Task A_blob_may_be_longer_than_answers_that_are_held()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET sobjects/Attachment/00P/Body", AnswerTests.Zeros(1_000_000) with { ContentType = "application/octetstream" });
        using var client = new Client(org, new SalesforceClientSettings { LongestAnswer = 1000 });
        await using Stream blob = await client.Rest.BlobRetrieveStreamAsync("Attachment", "00P", "Body", Ct);
        using var whole = new MemoryStream();

        await blob.CopyToAsync(whole, Ct);

        whole.Length.ShouldBe(1_000_000);
    }

    [Theory]
    [InlineData(12)]
    [InlineData(200)]
    [InlineData(-1)]
    public async Task A_packed_blob_that_lacks_its_end_is_not_taken_for_whole(int length)
    {
        byte[] packed = AnswerTests.Zeros(1_000_000).Packed!;
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET sobjects/Attachment/00P/Body", new Answer(200) { ContentType = "application/octetstream", Packed = length < 0 ? packed[..^-length] : packed[..length] }
            .With("Content-Encoding", "gzip"));
        using var client = new Client(org, Client.NoRetries);
        await using Stream blob = await client.Rest.BlobRetrieveStreamAsync("Attachment", "00P", "Body", Ct);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(blob.CopyToAsync(Stream.Null, Ct));

        failure.Code.ShouldBe(OwnCodes.NoReply);
    }

    [Fact]
    public async Task A_file_is_sent_beside_the_fields()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("POST sobjects/ContentVersion", Answer.SessionExpired(), new Answer(201, """{"id":"068","success":true,"errors":[]}"""));
        using var client = new Client(org);
        using var content = new MemoryStream(Encoding.UTF8.GetBytes("skipped, the bytes")) { Position = 9 };

        SaveResult result = await client.Rest.CreateBlobRecordAsync("ContentVersion", File, "VersionData", "a \"b\".txt", content, Ct);

        (result.Id, result.Status).ShouldBe(("068", HttpStatusCode.Created));
        org.Requests[1].Headers["Transfer-Encoding"].ShouldBe("chunked");
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
