using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Configuration;
using SalesforceBridge.Destinations.Requests;
using SalesforceBridge.Messaging;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

public sealed class RequestJourneyTests
{
    private const string Booked = """
        -- on:    event Order_Placed__e
        -- do:    request book-keeping
        -- key:   payload->>'Order_Number__c'
        -- retry: 3 from 10ms to 10ms
        select '/orders/' || (payload->>'Order_Number__c') as _url, 'PUT' as _method, payload->>'Order_Id__c' as order_id from message
        """;

    [Fact]
    public async Task An_order_is_booked_elsewhere_and_the_number_it_got_there_is_written_into_the_org()
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        await using Bridge bridge = await StartAsync(api);
        api.Answer = (request, context) => context.Response.WriteAsync($$"""{"number":"B{{request.Url[^1]}}"}""");
        bridge.WithRoute("booked", Booked).WithRoute("numbered", """
            -- on: result of booked
            -- do: update Order__c
            select payload->'message'->'payload'->>'Order_Id__c' as "Id", payload->'body'->>'number' as "Note__c" from message where payload->>'outcome' = 'delivered'
            """);
        await using TestHost worker = await RunAsync(bridge);
        string[] orders = [.. Enumerable.Range(0, 5).Select(_ => bridge.Org.Create("Order__c", new { Amount__c = 1 }))];

        bridge.Org.PublishMany("Order_Placed__e", orders.Select((order, n) => new { Order_Id__c = order, Order_Number__c = $"N-{n}" }));

        await bridge.UntilAsync("select count(*) = 5 from bridge.outcome where lane = 'numbered'");
        orders.Select(order => bridge.Org.Read("Order__c", order)!.Value.GetProperty("Note__c").GetString()).ShouldBe(["B0", "B1", "B2", "B3", "B4"]);
        api.Requests.Select(request => request["Idempotency-Key"]).ShouldBeUnique();
        api.Requests.ShouldAllBe(request => request.Method == "PUT" && request.Url.StartsWith("/v1/orders/N-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_id_of_a_new_record_is_written_into_a_table()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table orders (number text primary key, sfid text); insert into orders values ('N-1'), ('N-2'), ('N-3')");
        bridge.WithRoute("created", """
            -- on: event Order_Placed__e
            -- do: create Order__c
            select payload->>'Order_Number__c' as "External_Id__c", (payload->>'Amount__c')::numeric as "Amount__c" from message
            """).WithRoute("home", """
            -- on: result of created
            update orders set sfid = coalesce(payload->>'id', payload->>'code') from message where number = payload->'message'->'payload'->>'Order_Number__c'
            """);
        await using TestHost worker = await RunAsync(bridge);

        bridge.Org.PublishMany("Order_Placed__e", Enumerable.Range(1, 3).Select(n => new { Order_Number__c = $"N-{n}", Amount__c = n == 2 ? -1 : n }));

        await bridge.UntilAsync("select bool_and(sfid is not null) from orders");
        JsonElement[] orders = [.. bridge.Org.Query("select Id, External_Id__c from Order__c order by External_Id__c")];
        (await bridge.Database.ColumnAsync<string>("select sfid from orders order by number"))
            .ShouldBe([orders[0].GetProperty("Id").GetString()!, "FIELD_CUSTOM_VALIDATION_EXCEPTION", orders[1].GetProperty("Id").GetString()!]);
    }

    [Fact]
    public async Task An_api_that_is_down_costs_no_delivery_and_no_attempt_beyond_the_first_ones()
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        await using Bridge bridge = await StartAsync(api);
        bool isUp = false;
        api.Answer = (_, context) =>
        {
            context.Response.StatusCode = isUp ? 200 : 500;
            return Task.CompletedTask;
        };
        bridge.WithRoute("booked", Booked.Replace("3 from 10ms to 10ms", "30 from 10ms to 10ms"));
        await using TestHost worker = await RunAsync(bridge);
        bridge.Org.PublishMany("Order_Placed__e", Enumerable.Range(0, 40).Select(n => new { Order_Number__c = $"N-{n}" }));
        await worker.LogLineAsync("api failing");
        await worker.LogLineAsync("api failing");

        isUp = true;
        await bridge.UntilAsync("select count(*) = 40 from bridge.outcome");

        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
    }

    [Fact]
    public async Task Refused_credentials_stop_the_lane_until_they_are_taken_again_and_are_told_nowhere()
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        await using Bridge bridge = await StartAsync(api);
        bridge.WithVar("BRIDGE_REQUEST_BOOK_KEEPING_AUTH", "bearer").WithVar("BRIDGE_REQUEST_BOOK_KEEPING_SECRET", "hunter2hunter2");
        api.Answering((401, """{"error":"invalid_token"}"""), (401, "{}"), (403, "{}"), (200, "{}"));
        bridge.WithRoute("booked", Booked);
        await using TestHost worker = await RunAsync(bridge);

        bridge.Org.PublishMany("Order_Placed__e", [new { Order_Number__c = "N-1" }]);

        await bridge.UntilAsync("select what like 'HTTP 40_: BOOK_KEEPING answered 40_%: correct the config vars BRIDGE_REQUEST_BOOK_KEEPING_...%' from bridge.alert where name = 'lane booked stopped'");
        await bridge.UntilAsync("select count(*) = 1 from bridge.outcome");
        api.Requests.ShouldAllBe(request => request["Authorization"] == "Bearer hunter2hunter2");
        worker.Lines.ShouldNotContain(line => line.Contains("hunter2") || line.Contains("N-1"));
    }

    [Fact]
    public async Task A_signed_request_is_one_that_a_bridge_takes()
    {
        await using Bridge there = await Bridge.StartAsync();
        there.WithVar("BRIDGE_CALLOUT_SECRETS", "other=0123456789abcdef").WithRoute("taken", "-- on: callout bookings\nselect 1 from message");
        await using TestHost web = await there.RunAsync(ProcessRole.Web);
        await using Bridge here = await Bridge.StartAsync();
        here.WithVar("BRIDGE_REQUEST_BOOK_KEEPING_URL", $"{web.Address}callouts").WithVar("BRIDGE_REQUEST_BOOK_KEEPING_AUTH", "hmac").WithVar("BRIDGE_REQUEST_BOOK_KEEPING_SECRET", "0123456789abcdef")
            .WithRoute("booked", "-- on: event Order_Placed__e\n-- do: request book-keeping\nselect '/bookings' as _url, payload->>'Order_Number__c' as number from message");
        await using TestHost worker = await RunAsync(here);

        here.Org.PublishMany("Order_Placed__e", [new { Order_Number__c = "N-1" }]);

        await here.UntilAsync("select count(*) = 1 from bridge.outcome");
        (await there.Database.ScalarAsync<string>("select payload->'record'->>'number' from bridge.inbox")).ShouldBe("N-1");
        (await there.Database.ScalarAsync<string>("select dedupe_key from bridge.inbox")).ShouldContain("booked/");
    }

    [Fact]
    public async Task What_a_handler_asks_of_an_api_is_asked()
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        await using Bridge bridge = await StartAsync(api);
        await using TestHost worker = await RunAsync(bridge, services => services.AddSingleton<IRouteHandler, Asks>());

        bridge.Org.PublishMany("Order_Placed__e", [new { Order_Number__c = "N-1" }]);

        await bridge.UntilAsync("select count(*) = 1 from bridge.outcome");
        PartnerRequest request = api.Requests.ShouldHaveSingleItem();
        (request.Method, request.Url, request.Body).ShouldBe(("PATCH", "/v1/asked", """{"a": 1}"""));
    }

    [Fact]
    public async Task What_makes_no_request_or_hears_no_result_is_found_by_the_check()
    {
        await using PartnerApi api = await PartnerApi.StartAsync();
        await using Bridge bridge = await StartAsync(api);
        bridge.WithRoute("booked", Booked)
            .WithRoute("columns", "-- on: event Order_Placed__e\n-- do: request book-keeping\nselect '/x' as _uri, '{}'::jsonb as _body, 1 as n from message")
            .WithRoute("nowhere", "-- on: event Order_Placed__e\n-- do: request crm\nselect 1 as n from message")
            .WithRoute("itself", "-- on: result of itself\n-- do: request book-keeping\nselect 1 as n from message")
            .WithRoute("nobody", "-- on: result of bookings\nselect 1 from message")
            .WithRoute("silent", "-- on: result of hears\nselect 1 from message")
            .WithRoute("waits", "-- on: result of nowhere\nselect 1 from message")
            .WithRoute("hears", "-- on: result of booked\nselect 1 from message");

        CommandLine check = await CommandLine.RunAsync(bridge.Vars, "routes", "check");

        check.ExitCode.ShouldBe(1);
        string[] lines = check.Output.Split('\n');
        lines.ShouldContain("fail  nowhere.sql: `do: request crm` names an API that is not in the config vars; set BRIDGE_REQUEST_CRM_URL, or correct the name (there are BOOK_KEEPING)");
        lines.ShouldContain("fail  itself.sql: `on: result of itself` is this route itself, which would go round and round; name another route");
        lines.ShouldContain("fail  nobody.sql: `on: result of bookings` names no route; there is none of that name");
        lines.ShouldContain("fail  silent.sql: `on: result of hears` never wakes: that route sends nothing");
        lines.ShouldContain("fail  columns: A request knows no column _uri; there are _url, _method, _headers, _body");
        lines.ShouldContain("fail  columns: _body is the whole body, and the column n stands beside it; leave out one of them");
        lines.ShouldContain(line => line.StartsWith("ok    booked: on event Order_Placed__e, request book-keeping: _url, _method, order_id", StringComparison.Ordinal));
        lines.ShouldContain(line => line.StartsWith("ok    waits", StringComparison.Ordinal));
        lines.ShouldContain(line => line.StartsWith("ok    hears", StringComparison.Ordinal));
    }

    internal static async Task<Bridge> StartAsync(PartnerApi api) =>
        (await Bridge.StartAsync()).WithVar("BRIDGE_REQUEST_BOOK_KEEPING_URL", new Uri(api.Url, "/v1").ToString());

    private static async Task<TestHost> RunAsync(Bridge bridge, Action<IServiceCollection>? change = null)
    {
        TestHost worker = await bridge.RunAsync(change: services =>
        {
            services.AddSingleton(new CircuitTimes { First = TimeSpan.FromMilliseconds(50), Longest = TimeSpan.FromMilliseconds(200) });
            change?.Invoke(services);
        });
        await bridge.UntilSubscribedAsync("event Order_Placed__e");
        return worker;
    }

    [Route("asks", on: "event Order_Placed__e")]
    private sealed class Asks : IRouteHandler
    {
        public Task HandleAsync(Message message, RouteTransaction transaction, CancellationToken ct) =>
            transaction.RequestAsync("book-keeping", """{"a":1}""", """{"_url":"/asked","_method":"PATCH"}""", ct);
    }
}
