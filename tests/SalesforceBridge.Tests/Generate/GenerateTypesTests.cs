using System.Net;
using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Generate;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Generate;

/// <summary>
/// The types in the folder beside this file, and those in <c>AwkwardTypes.cs</c>, are compiled with these tests. They were written by this
/// program, and must be what it writes now.
/// </summary>
public sealed class GenerateTypesTests
{
    private static readonly string[] Objects = ["Account", "Contact", "Order__c", "acme__Shipment__c", "Order_Placed__e", "Large_Order__e", "AccountChangeEvent", "Order__ChangeEvent"];

    [Fact]
    public async Task The_types_that_these_tests_use_are_those_of_the_org()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        using var folder = new TemporaryFolder();

        CommandLine written = (await CommandLine.RunAsync(bridge.Vars, [.. Arguments, "--namespace", "SalesforceBridge.Tests.Generate.OrgTypes", "--out", folder.Path])).ShouldSucceed();

        string[] files = [.. Directory.EnumerateFiles(folder.Path).Order(StringComparer.Ordinal)];
        written.Output.Split('\n').Order(StringComparer.Ordinal).ShouldBe(files);
        files.Select(Path.GetFileName).ShouldBe(["Account.cs", "AccountChangeEvent.cs", "Contact.cs", "Large_Order__e.cs", "Order__ChangeEvent.cs", "OrgTypesJson.cs", "Order_Placed__e.cs", "Order__c.cs", "acme__Shipment__c.cs"], ignoreOrder: true);
        foreach (string file in files)
            (await File.ReadAllTextAsync(file, Ct)).ShouldBe(await File.ReadAllTextAsync(Repository.PathOf($"tests/SalesforceBridge.Tests/Generate/OrgTypes/{Path.GetFileName(file)}"), Ct));
    }

    [Fact]
    public void Whatever_the_org_calls_things_the_types_compile() =>
        GeneratedTypes.Together(AwkwardOrg.Types, "SalesforceBridge.Tests.Generate.AwkwardTypes")
            .ShouldBe(File.ReadAllText(Repository.PathOf("tests/SalesforceBridge.Tests/Generate/AwkwardTypes.cs")));

    [Fact]
    public async Task Without_a_folder_the_types_are_printed_as_one_file()
    {
        await using Bridge bridge = await Bridge.StartAsync();

        string source = (await CommandLine.RunAsync(bridge.Vars, "generate", "types", "account", "Account", "order__c")).ShouldSucceed().Output;

        source.ShouldStartWith(GeneratedTypes.Mark);
        source.Split("public sealed record ").Length.ShouldBe(3);
        source.ShouldContain("namespace OrgTypes;");
        source.ShouldContain("[JsonSerializable(typeof(Account))]\n[JsonSerializable(typeof(Order__c))]");
        source.ShouldContain("public Account? Account__r { get; init; }");
    }

    [Fact]
    public async Task As_JSON_they_are_files_with_their_source()
    {
        await using Bridge bridge = await Bridge.StartAsync();

        CommandLine line = (await CommandLine.RunAsync(bridge.Vars, "generate", "types", "Account", "--json")).ShouldSucceed();

        line.Json.EnumerateArray().Select(file => file.GetProperty("name").GetString()).ShouldBe(["Account.cs", "OrgTypesJson.cs"]);
        line.Json[0].GetProperty("source").GetString()!.ShouldContain("public sealed record Account\n");
    }

    [Fact]
    public async Task Files_of_this_command_are_written_anew_and_those_of_a_person_are_left()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        using var folder = new TemporaryFolder();
        (await CommandLine.RunAsync(bridge.Vars, "generate", "types", "Account", "--out", folder.Path)).ShouldSucceed();
        (await CommandLine.RunAsync(bridge.Vars, "generate", "types", "Account", "--out", folder.Path)).ShouldSucceed();
        string mine = Path.Combine(folder.Path, "Contact.cs");
        await File.WriteAllTextAsync(mine, "// mine", Ct);
        string context = await File.ReadAllTextAsync(Path.Combine(folder.Path, "OrgTypesJson.cs"), Ct);

        (await CommandLine.RunAsync(bridge.Vars, "generate", "types", "Account", "Contact", "--out", folder.Path))
            .ShouldRefuse($"`{mine}` was not written by this command, so it is not overwritten. Move it away, or choose another folder.");

        (await File.ReadAllTextAsync(mine, Ct)).ShouldBe("// mine");
        (await File.ReadAllTextAsync(Path.Combine(folder.Path, "OrgTypesJson.cs"), Ct)).ShouldBe(context);
    }

    [Fact]
    public async Task Of_objects_that_the_org_does_not_tell_of_all_are_named_and_nothing_is_written()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        using var folder = new TemporaryFolder();

        (await CommandLine.RunAsync(bridge.Vars, "generate", "types", "Acount", "Account", "Nope__c", "--out", folder.Path))
            .ShouldRefuse("The org has no Acount and no Nope__c, or the integration user may not see it; correct the name or give access.");

        Directory.EnumerateFiles(folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_object_that_the_user_may_not_see_is_said_to_be_hidden()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        using var http = new HttpClient(new NoDescribes { InnerHandler = new SocketsHttpHandler() });

        (await CommandLine.RunWithAsync(bridge.Vars, services => services.AddSingleton(http), "generate", "types", "Account"))
            .ShouldRefuse("The org has no Account, or the integration user may not see it; correct the name or give access.");
    }

    [Fact]
    public async Task An_org_that_answers_nobody_is_not_taken_for_one_without_the_object()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.Org.Faults.Add(new Fault.QuotaExceeded(QuotaKind.Daily));

        CommandLine line = await CommandLine.RunAsync(bridge.Vars, "generate", "types", "Account");

        line.ExitCode.ShouldBe(1);
        line.Errors.ShouldContain("REQUEST_LIMIT_EXCEEDED");
    }

    [Fact]
    public async Task A_field_that_the_user_may_not_see_is_left_out()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.Org.Faults.Add(new Fault.HiddenField("Account", "Industry"));

        string source = (await CommandLine.RunAsync(bridge.Vars, "generate", "types", "Account")).ShouldSucceed().Output;

        source.ShouldContain("AccountNumber");
        source.ShouldNotContain("Industry");
    }

    [Fact]
    public async Task An_event_has_what_its_subscribers_are_delivered_in_that_order()
    {
        await using Bridge bridge = await Bridge.StartAsync();

        string platform = (await CommandLine.RunAsync(bridge.Vars, "generate", "types", "Order_Placed__e")).ShouldSucceed().Output;
        string change = (await CommandLine.RunAsync(bridge.Vars, "generate", "types", "accountchangeevent")).ShouldSucceed().Output;

        Properties(platform).ShouldBe(["CreatedDate", "CreatedById", "Order_Id__c", "Order_Number__c", "Amount__c", "Customer__c", "Placed_At__c", "Note__c"]);
        Properties(change).Take(4).ShouldBe(["ChangeEventHeader", "CreatedDate", "CreatedById", "LastModifiedDate"]);
        Properties(change).ShouldNotContain("Id");
        change.ShouldContain("public ChangeEventHeaderRecord? ChangeEventHeader { get; init; }");
        bridge.Org.Ledger.Count(ApiCallKind.EventSchema).ShouldBe(2);
    }

    [Fact]
    public async Task Objects_are_not_asked_for_an_event_schema()
    {
        await using Bridge bridge = await Bridge.StartAsync();

        (await CommandLine.RunAsync(bridge.Vars, "generate", "types", "Account", "Order__c")).ShouldSucceed();

        bridge.Org.Ledger.Count(ApiCallKind.EventSchema).ShouldBe(0);
    }

    [Theory]
    [InlineData(403, "INSUFFICIENT_ACCESS")]
    [InlineData(404, "NOT_FOUND")]
    public async Task Where_the_org_tells_no_event_schema_the_describe_has_to_do_and_one_line_says_so(int status, string code)
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.Org.Faults.Add(new Fault.RefusedCall(status, code) { Call = ApiCallKind.EventSchema });

        CommandLine line = await CommandLine.RunAsync(bridge.Vars, "generate", "types", "Account", "Large_Order__e", "AccountChangeEvent");

        line.ExitCode.ShouldBe(0);
        line.Errors.ShouldBe($"The org does not tell the event schema of Large_Order__e ({code}) and of AccountChangeEvent ({code}): written from the describe alone, with fields that may never be delivered.");
        Properties(line.Output[line.Output.IndexOf("record Large_Order__e", StringComparison.Ordinal)..]).Take(5).ShouldBe(["ReplayId", "CreatedDate", "CreatedById", "EventUuid", "Order_Id__c"]);
        line.Output.ShouldContain("public required string Order_Id__c { get; init; }");
        line.Output.ShouldContain("public JsonElement? ChangeEventHeader { get; init; }");
    }

    [Fact]
    public async Task An_org_that_is_not_reached_for_a_schema_is_not_taken_for_one_without_it()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.Org.Faults.Add(new Fault.RefusedCall(403, "REQUEST_LIMIT_EXCEEDED") { Call = ApiCallKind.EventSchema });

        CommandLine line = await CommandLine.RunAsync(bridge.Vars, "generate", "types", "Order_Placed__e");

        (line.ExitCode, line.Output).ShouldBe((1, ""));
        line.Errors.ShouldContain("REQUEST_LIMIT_EXCEEDED");
    }

    [Fact]
    public async Task What_is_no_namespace_is_refused()
    {
        await using Bridge bridge = await Bridge.StartAsync();

        (await CommandLine.RunAsync(bridge.Vars, "generate", "types", "Account", "--namespace", "My Types"))
            .ShouldRefuse("`My Types` is no namespace in C#. Write names with dots between them, like `Shop.Orders`.");
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static IEnumerable<string> Properties(string source) => source.Split('\n').TakeWhile(line => line != "}")
        .Where(line => line.StartsWith("    public ", StringComparison.Ordinal) && line.EndsWith("{ get; init; }", StringComparison.Ordinal)).Select(line => line.Split(' ')[^5]);

    private static string[] Arguments => ["generate", "types", .. Objects];

    private sealed class NoDescribes : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri!.AbsolutePath.EndsWith("/describe", StringComparison.Ordinal)
                ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.Forbidden)
                {
                    Content = new StringContent("""[{"errorCode":"INSUFFICIENT_ACCESS","message":"insufficient access rights on object"}]"""),
                })
                : base.SendAsync(request, cancellationToken);
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("bridge-types-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
