using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Identity;

public sealed class AuthorizeTests
{
    private const string Back = "http://localhost/callback";
    private const string Agree = $"/services/oauth2/authorize?response_type=code&client_id={OrgDriver.ConsumerKey}&redirect_uri={Back}";

    [Fact]
    public async Task A_code_gives_tokens_of_the_user_who_agreed_once()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        (string code, string? state) = await AgreeAsync(driver, "&state=a%20b&login_hint=ann@example.com");
        Answer granted = await RedeemAsync(driver, code);
        Answer again = await RedeemAsync(driver, code);
        Answer refreshed = await driver.GrantAsync(
            ("grant_type", "refresh_token"), ("client_id", OrgDriver.ConsumerKey), ("refresh_token", granted.Json.GetProperty("refresh_token").GetString()!));

        state.ShouldBe("a b");
        driver.UseToken(granted.Json.GetProperty("access_token").GetString()!);
        (await driver.GetAsync("/services/oauth2/userinfo")).Json.GetProperty("preferred_username").GetString().ShouldBe("ann@example.com");
        again.Json.GetProperty("error_description").GetString().ShouldBe("expired authorization code");
        refreshed.Status.ShouldBe(200);
        refreshed.Json.TryGetProperty("refresh_token", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task An_app_without_a_secret_proves_itself_by_a_verifier()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes("verifier")));

        Answer wrong = await ProveAsync(driver, challenge, "other");
        Answer right = await ProveAsync(driver, challenge, "verifier");
        Answer without = await ProveAsync(driver, challenge: null, "");

        wrong.Json.GetProperty("error_description").GetString().ShouldBe("invalid code verifier");
        right.Status.ShouldBe(200);
        without.Json.GetProperty("error").GetString().ShouldBe("invalid_client");
    }

    [Fact]
    public async Task A_code_is_good_for_a_quarter_of_an_hour_and_for_its_own_address()
    {
        var clock = new SettableClock();
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions { TimeProvider = clock });

        (string late, _) = await AgreeAsync(driver, "");
        clock.Advance(TimeSpan.FromMinutes(15));
        (string other, _) = await AgreeAsync(driver, "");

        (await RedeemAsync(driver, late)).Json.GetProperty("error").GetString().ShouldBe("invalid_grant");
        (await RedeemAsync(driver, other, "http://localhost/other")).Json.GetProperty("error").GetString().ShouldBe("redirect_uri_mismatch");
    }

    [Theory]
    [InlineData("response_type=token", "unsupported_response_type")]
    [InlineData("response_type=code&client_id=nobody", "invalid_client_id")]
    [InlineData($"response_type=code&client_id={OrgDriver.ConsumerKey}", "redirect_uri_mismatch")]
    [InlineData($"response_type=code&client_id={OrgDriver.ConsumerKey}&redirect_uri={Back}&login_hint=nobody", "invalid_grant")]
    public async Task What_nobody_can_agree_to_is_refused(string query, string error)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.GetAsync($"/services/oauth2/authorize?{query}");

        (answer.Status, answer.Json.GetProperty("error").GetString()).ShouldBe((400, error));
    }

    private static async Task<(string Code, string? State)> AgreeAsync(OrgDriver driver, string more)
    {
        Answer answer = await driver.GetAsync(Agree + more);
        answer.Status.ShouldBe(302);
        Uri back = answer.Headers.Location!;
        back.GetLeftPart(UriPartial.Path).ShouldBe(Back);
        var query = QueryHelpers.ParseQuery(back.Query);
        return (query["code"].ToString(), query.TryGetValue("state", out var state) ? state.ToString() : null);
    }

    private static Task<Answer> RedeemAsync(OrgDriver driver, string code, string redirect = Back) => driver.GrantAsync(
        ("grant_type", "authorization_code"), ("client_id", OrgDriver.ConsumerKey), ("client_secret", OrgDriver.ConsumerSecret), ("redirect_uri", redirect), ("code", code));

    private static async Task<Answer> ProveAsync(OrgDriver driver, string? challenge, string verifier)
    {
        (string code, _) = await AgreeAsync(driver, challenge is null ? "" : $"&code_challenge={challenge}&code_challenge_method=S256");
        return await driver.GrantAsync(
            ("grant_type", "authorization_code"), ("client_id", OrgDriver.ConsumerKey), ("redirect_uri", Back), ("code", code), ("code_verifier", verifier));
    }
}
