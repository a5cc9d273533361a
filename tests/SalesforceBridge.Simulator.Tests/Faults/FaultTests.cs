using System.Text.Json;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Faults;

public sealed class FaultTests
{
    private const string OrderPlaced = "/event/Order_Placed__e";

    [Fact]
    public async Task A_fault_strikes_as_often_as_asked()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        ActiveFault fault = driver.Org.Faults.Add(new Fault.Unavailable(FaultTarget.Api) { Times = 2 });

        Answer[] answers = [await driver.GetAsync("limits"), await driver.GetAsync("limits"), await driver.GetAsync("limits")];

        answers.Select(answer => answer.Status).ShouldBe([503, 503, 200]);
        answers[0].Headers.RetryAfter.ShouldBeNull();
        fault.Struck.ShouldBe(2);
        driver.Org.Faults.Active.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_outage_lasts_until_it_is_cleared_and_may_name_a_time()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Faults.Add(new Fault.Unavailable(FaultTarget.Api) { RetryAfter = TimeSpan.FromSeconds(1.5), Call = ApiCallKind.Limits });

        Answer answer = await driver.GetAsync("limits");

        answer.ErrorCode.ShouldBe("SERVER_UNAVAILABLE");
        answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(2));
        (await driver.GetAsync("sobjects")).Status.ShouldBe(200);
        driver.Org.Faults.Clear();
        (await driver.GetAsync("limits")).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData(FaultTarget.Api)]
    [InlineData(FaultTarget.Token)]
    [InlineData(FaultTarget.Streaming)]
    public async Task Every_door_can_show_a_page_of_html(FaultTarget door)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        driver.Org.Faults.Add(new Fault.HtmlOutage(door));

        Answer answer = door switch
        {
            FaultTarget.Api => await driver.GetAsync("limits"),
            FaultTarget.Token => await driver.GrantAsync(("grant_type", "password")),
            _ => await bayeux.PostAsync("[{}]"),
        };

        answer.Status.ShouldBe(503);
        answer.Text.ShouldStartWith("<!DOCTYPE html>");
    }

    [Fact]
    public async Task An_expired_token_is_refused_until_it_is_renewed()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Faults.Add(new Fault.ExpiredToken { Times = 1 });

        (await driver.GetAsync("limits")).ErrorCode.ShouldBe("INVALID_SESSION_ID");
        (await driver.GetAsync("limits")).ErrorCode.ShouldBe("INVALID_SESSION_ID");
        await driver.LogInAsync();
        (await driver.GetAsync("limits")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Tokens_can_expire_as_soon_as_they_are_used_until_that_is_cleared()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Faults.Add(new Fault.ExpiredToken());

        foreach (int _ in Enumerable.Range(0, 3))
        {
            await driver.LogInAsync();
            (await driver.GetAsync("limits")).ErrorCode.ShouldBe("INVALID_SESSION_ID");
        }

        driver.Org.Faults.Clear();
        await driver.LogInAsync();
        (await driver.GetAsync("limits")).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData(QuotaKind.Daily, "TotalRequests Limit exceeded.")]
    [InlineData(QuotaKind.Concurrent, "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")]
    public async Task A_used_up_quota_answers_403(QuotaKind quota, string message)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Faults.Add(new Fault.QuotaExceeded(quota) { Times = 1 });

        Answer answer = await driver.GetAsync("limits");

        (answer.Status, answer.ErrorCode, answer.Message).ShouldBe((403, "REQUEST_LIMIT_EXCEEDED", message));
    }

    [Fact]
    public async Task A_cut_answer_leaves_the_work_done()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Faults.Add(new Fault.CutApiReply { Times = 1, Call = ApiCallKind.Create });

        await Should.ThrowAsync<HttpRequestException>(driver.PostAsync("sobjects/Account", new { Name = "A" }));

        driver.Org.Query("select Id from Account").Count.ShouldBe(1);
        driver.Org.Ledger.Calls.Single(call => call.Kind is ApiCallKind.Create).Status.ShouldBe(0);
    }

    [Fact]
    public async Task A_locked_row_is_free_again_after_a_while()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string id = driver.Org.Create("Account", new { Name = "A" });
        driver.Org.Faults.Add(new Fault.LockedRow { Times = 2, Object = "Account" });

        Answer first = await driver.PatchAsync($"sobjects/Account/{id}", new { Name = "B" });
        Answer second = await driver.PatchAsync("composite/sobjects", new { records = new[] { new { attributes = new { type = "Account" }, id, Name = "B" } } });
        Answer third = await driver.PatchAsync($"sobjects/Account/{id}", new { Name = "B" });

        (first.Status, first.ErrorCode).ShouldBe((400, "UNABLE_TO_LOCK_ROW"));
        first.Message.ShouldBe($"unable to obtain exclusive access to this record or 1 records: {id}");
        second.Json[0].GetProperty("errors")[0].GetProperty("statusCode").GetString().ShouldBe("UNABLE_TO_LOCK_ROW");
        third.Status.ShouldBe(204);
    }

    [Fact]
    public async Task One_record_of_a_collection_is_refused()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Faults.Add(new Fault.RejectedItem("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY") { Times = 1 });

        Answer answer = await driver.PostAsync("composite/sobjects", new
        {
            records = new[] { new { attributes = new { type = "Account" }, Name = "A" }, new { attributes = new { type = "Account" }, Name = "B" } },
        });

        answer.Json.EnumerateArray().Select(result => result.GetProperty("success").GetBoolean()).ShouldBe([false, true]);
    }

    [Fact]
    public async Task A_hidden_field_is_as_if_it_did_not_exist()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        ActiveFault fault = driver.Org.Faults.Add(new Fault.HiddenField("Account", "Phone"));

        Answer write = await driver.PostAsync("sobjects/Account", new { Name = "A", Phone = "1" });
        Answer query = await driver.QueryAsync("select Phone from Account");
        Answer describe = await driver.GetAsync("sobjects/Account/describe");

        (write.Status, write.ErrorCode, write.Message).ShouldBe((400, "INVALID_FIELD", "No such column 'Phone' on sobject of type Account"));
        query.ErrorCode.ShouldBe("INVALID_FIELD");
        describe.Text.ShouldNotContain("\"Phone\"");
        driver.Org.Faults.Remove(fault.Id).ShouldBeTrue();
        (await driver.PostAsync("sobjects/Account", new { Name = "A", Phone = "1" })).Status.ShouldBe(201);
    }

    [Fact]
    public async Task A_call_is_refused_as_a_whole_and_so_is_a_login()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Faults.Add(new Fault.RefusedCall(403, "API_DISABLED_FOR_ORG") { Call = ApiCallKind.Create, Times = 1 });

        (await driver.QueryAsync("select Id from Account")).Status.ShouldBe(200);
        Answer refused = await driver.PostAsync("sobjects/Account", new { Name = "A" });
        driver.Org.Faults.Add(new Fault.RefusedLogin("invalid_grant") { Times = 1 });
        using var http = new HttpClient(new SocketsHttpHandler());
        using HttpResponseMessage login = await http.PostAsync(new Uri(driver.Org.Url, "/services/oauth2/token"), new FormUrlEncodedContent([]), TestContext.Current.CancellationToken);

        (refused.Status, refused.ErrorCode).ShouldBe((403, "API_DISABLED_FOR_ORG"));
        driver.Org.Query("select Id from Account").ShouldBeEmpty();
        ((int)login.StatusCode, await login.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe((400, """{"error":"invalid_grant","error_description":"Refused on demand"}"""));
    }

    [Fact]
    public async Task The_publish_limit_refuses_events()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Faults.Add(new Fault.PublishLimitExceeded { Times = 1 });

        (await driver.PostAsync("sobjects/Order_Placed__e", new { Amount__c = 1 })).ErrorCode.ShouldBe("LIMIT_EXCEEDED");
        driver.Org.Ledger.EventCount.ShouldBe(0);
    }

    [Fact]
    public async Task A_delay_is_waited_out()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Faults.Add(new Fault.Delayed(FaultTarget.Api, TimeSpan.FromMilliseconds(100)) { Times = 1 });
        long before = TimeProvider.System.GetTimestamp();

        (await driver.GetAsync("limits")).Status.ShouldBe(200);

        TimeProvider.System.GetElapsedTime(before).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(90));
    }

    [Fact]
    public async Task A_moved_org_answers_401_at_its_old_address_and_tells_the_new_one()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.MoveInstance();

        (await driver.GetAsync("limits")).ErrorCode.ShouldBe("INVALID_SESSION_ID");
        Answer grant = await driver.GrantAsync(("grant_type", "client_credentials"), ("client_id", OrgDriver.ConsumerKey), ("client_secret", OrgDriver.ConsumerSecret));

        grant.Json.GetProperty("instance_url").GetString().ShouldBe(driver.Org.InstanceUrl.ToString().TrimEnd('/'));
        driver.Org.InstanceUrl.ShouldNotBe(driver.Org.Url);
        (await driver.GetAsync(new Uri(driver.Org.InstanceUrl, OrgDriver.Root + "/limits").ToString())).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("forgotten-client", "403::Unknown client", "handshake")]
    [InlineData("expired-token", "401::Authentication invalid", "none")]
    [InlineData("server-busy", "401::Authentication invalid", "none")]
    public async Task A_fault_ends_a_held_poll(string name, string error, string reconnect)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        Task<IReadOnlyList<JsonElement>> poll = bayeux.ConnectAsync();
        await driver.Org.WhenAsync(org => org.StreamingSessions[0].IsPolling, OrgDriver.Ct);

        (await driver.SendAsync(HttpMethod.Post, "/_admin/faults", $$"""{"times":1,"fault":"{{name}}"}""")).Status.ShouldBe(200);

        JsonElement reply = (await poll)[0];
        (reply.Error(), reply.Reconnect()).ShouldBe((error, reconnect));
        (name != "server-busy" || reply.FailureReason() == "503::Server is too busy.  Please try your request again later.").ShouldBeTrue();
    }

    [Fact]
    public async Task A_client_is_told_to_leave_without_having_asked()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        driver.Org.Faults.Add(new Fault.Disconnected { Times = 1 });

        IReadOnlyList<JsonElement> messages = await bayeux.ConnectAsync();

        messages[0].GetProperty("channel").GetString().ShouldBe("/meta/disconnect");
        messages[1].Reconnect().ShouldBe("none");
        (await bayeux.ConnectAsync())[0].Error().ShouldBe("403::Unknown client");
    }

    [Fact]
    public async Task The_events_of_a_cut_poll_reply_are_gone_for_the_session_but_not_for_the_org()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        await bayeux.SubscribeAsync(OrderPlaced, -1);
        driver.Org.PublishMany("Order_Placed__e", Enumerable.Range(1, 10).Select(amount => new { Amount__c = amount }));
        driver.Org.Faults.Add(new Fault.CutPollReply { Times = 1 });

        await Should.ThrowAsync<HttpRequestException>(bayeux.ConnectAsync());

        (await bayeux.SayAsync(bayeux.ConnectAtOnce)).Count.ShouldBe(1);
        await bayeux.SubscribeAsync(OrderPlaced, -2);
        (await bayeux.ReceiveAsync(10)).Count.ShouldBe(10);
    }

    [Fact]
    public async Task A_replay_id_is_not_valid_on_demand_or_once_history_is_forgotten()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        driver.Org.Publish("Order_Placed__e", new { Amount__c = 1 });
        await bayeux.SubscribeAsync(OrderPlaced, -2);
        long replayId = (await bayeux.ReceiveAsync(1))[0].ReplayId();
        driver.Org.Faults.Add(new Fault.InvalidReplayId { Times = 1, Channel = OrderPlaced });

        (await bayeux.SubscribeAsync(OrderPlaced, replayId)).Succeeded().ShouldBeFalse();
        (await bayeux.SubscribeAsync(OrderPlaced, replayId)).Succeeded().ShouldBeTrue();
        driver.Org.ForgetEventHistory();
        (await bayeux.SubscribeAsync(OrderPlaced, replayId)).Succeeded().ShouldBeFalse();
    }

    [Fact]
    public async Task A_handshake_or_a_subscribe_can_be_refused_for_a_while()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var bayeux = new BayeuxDriver(driver);
        driver.Org.Faults.Add(new Fault.ServerBusy { Times = 1, On = ApiCallKind.Handshake });
        driver.Org.Faults.Add(new Fault.HandshakeDenied("403::Organization concurrent user limit exceeded") { Times = 1 });
        driver.Org.Faults.Add(new Fault.ServerBusy { Times = 1, On = ApiCallKind.Subscribe });

        (await bayeux.HandshakeAsync()).FailureReason()!.ShouldStartWith("503::");
        (await bayeux.HandshakeAsync()).FailureReason().ShouldBe("403::Organization concurrent user limit exceeded");
        (await bayeux.HandshakeAsync()).Succeeded().ShouldBeTrue();
        (await bayeux.SubscribeAsync(OrderPlaced, -1)).FailureReason()!.ShouldStartWith("503::");
        (await bayeux.SubscribeAsync(OrderPlaced, -1)).Succeeded().ShouldBeTrue();
    }

    [Fact]
    public async Task The_admin_endpoint_takes_lists_and_ends_faults_and_shows_the_state()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer added = await driver.SendAsync(HttpMethod.Post, "/_admin/faults", """{"fault":"unavailable","on":"api","call":"query-more","retryAfter":"00:00:02"}""");
        Answer wrong = await driver.SendAsync(HttpMethod.Post, "/_admin/faults", """{"fault":"earthquake"}""");
        Answer misspelt = await driver.SendAsync(HttpMethod.Post, "/_admin/faults", """{"fault":"expired-token","tmies":1}""");
        Answer listed = await driver.GetAsync("/_admin/faults");
        string id = (await driver.PostAsync("sobjects/Account", new { Name = "A" })).Id;
        driver.Org.Publish("Order_Placed__e", new { Amount__c = 1 });
        JsonElement state = (await driver.GetAsync("/_admin/state")).Json;

        driver.Org.Faults.Active[0].Fault.ShouldBe(new Fault.Unavailable(FaultTarget.Api) { Call = ApiCallKind.QueryMore, RetryAfter = TimeSpan.FromSeconds(2) });
        listed.Json[0].GetProperty("id").GetInt32().ShouldBe(added.Json.GetProperty("id").GetInt32());
        (wrong.Status, misspelt.Status).ShouldBe((400, 400));
        (await driver.DeleteAsync($"/_admin/faults/{added.Json.GetProperty("id")}")).Status.ShouldBe(204);
        (await driver.DeleteAsync("/_admin/faults")).Status.ShouldBe(204);
        state.GetProperty("published").GetInt32().ShouldBe(1);
        state.GetProperty("calls").GetProperty("create").GetInt32().ShouldBe(1);
        (await driver.GetAsync("/_admin/writes")).Json[0].GetProperty("id").GetString().ShouldBe(id);
        (await driver.GetAsync("/_admin/events")).Json[0].GetProperty("payload").GetProperty("Amount__c").GetDouble().ShouldBe(1);
        (await driver.GetAsync("/_admin/calls")).Json.GetArrayLength().ShouldBe(2);
        (await driver.SendAsync(HttpMethod.Post, "/_admin/forget-events", null)).Status.ShouldBe(204);
        (await driver.SendAsync(HttpMethod.Post, "/_admin/move", null)).Json.GetProperty("instanceUrl").GetString().ShouldBe(driver.Org.InstanceUrl.OriginalString);
    }
}
