using System.Net.Http.Headers;
using System.Text;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest;

public sealed class BlobTests
{
    [Fact]
    public async Task A_file_comes_in_beside_the_fields_and_goes_out_by_its_own_path()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var form = new MultipartFormDataContent
        {
            { new StringContent("""{"PathOnClient":"a.txt","Title":"A"}""", Encoding.UTF8, "application/json"), "entity_content" },
            { new ByteArrayContent([0, 1, 254, 255]) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } }, "VersionData", "a.txt" },
        };

        Answer created = await driver.SendContentAsync(HttpMethod.Post, "sobjects/ContentVersion", form);
        Answer record = await driver.GetAsync($"sobjects/ContentVersion/{created.Id}");
        byte[] bytes = await BytesAsync(driver, record.Json.GetProperty("VersionData").GetString()!);

        created.Status.ShouldBe(201);
        record.Json.GetProperty("VersionData").GetString().ShouldBe($"{OrgDriver.Root}/sobjects/ContentVersion/{created.Id}/VersionData");
        bytes.ShouldBe([0, 1, 254, 255]);
    }

    [Fact]
    public async Task A_small_file_can_be_a_field_in_base64()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer created = await driver.PostAsync("sobjects/ContentVersion", new { PathOnClient = "a.txt", VersionData = "AQID" });
        Answer wrong = await driver.PostAsync("sobjects/ContentVersion", new { PathOnClient = "a.txt", VersionData = "not base64!" });

        (await BytesAsync(driver, $"{OrgDriver.Root}/sobjects/ContentVersion/{created.Id}/VersionData")).ShouldBe([1, 2, 3]);
        wrong.ErrorCode.ShouldBe("JSON_PARSER_ERROR");
    }

    [Fact]
    public async Task A_blob_that_is_not_there_is_not_found()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string empty = (await driver.PostAsync("sobjects/ContentVersion", new { PathOnClient = "a.txt" })).Id;

        (await driver.GetAsync($"sobjects/ContentVersion/{empty}/VersionData")).Status.ShouldBe(404);
        (await driver.GetAsync("sobjects/ContentVersion/068000000000009AAA/VersionData")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_multipart_request_without_fields_is_refused()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var form = new MultipartFormDataContent { { new ByteArrayContent([1]), "VersionData", "a.txt" } };

        (await driver.SendContentAsync(HttpMethod.Post, "sobjects/ContentVersion", form)).ErrorCode.ShouldBe("INVALID_MULTIPART_REQUEST");
    }

    private static async Task<byte[]> BytesAsync(OrgDriver driver, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", driver.Token);
        using HttpResponseMessage response = await driver.Client.SendAsync(request, OrgDriver.Ct);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/octetstream");
        return await response.Content.ReadAsByteArrayAsync(OrgDriver.Ct);
    }
}
