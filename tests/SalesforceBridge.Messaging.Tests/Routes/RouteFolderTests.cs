using System.Text;

namespace SalesforceBridge.Messaging.Tests.Routes;

public sealed class RouteFolderTests : IDisposable
{
    private const string Route = "-- on: alert\ninsert into t select id from message";

    private readonly string _folder = Directory.CreateTempSubdirectory("routes").FullName;

    [Fact]
    public void Routes_come_in_the_order_of_their_names()
    {
        Write("b.sql", Route);
        Write("a.sql", Route);
        Write("README.md", "no route");

        var folder = RouteFolder.Read(_folder);

        folder.Faults.ShouldBeEmpty();
        folder.Files.Select(file => file.Definition!.Name).ShouldBe(["a", "b"]);
    }

    [Fact]
    public void A_file_that_is_no_route_keeps_no_other_from_being_one()
    {
        Write("good.sql", Route);
        Write("empty.sql", "");
        Write("faulty.sql", "-- on: alert\n-- batch: 0\nselect 1");
        Write("huge.sql", Route + new string(' ', RouteFolder.LargestFile));
        File.WriteAllBytes(PathOf("utf16.sql"), Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes(Route)).ToArray());
        File.CreateSymbolicLink(PathOf("broken.sql"), PathOf("missing"));

        var folder = RouteFolder.Read(_folder);

        folder.Files.Single(file => file.Faults.Count == 0).Name.ShouldBe("good");
        folder.Faults.Count.ShouldBe(5);
        folder.Faults[0].ShouldStartWith("broken.sql: the file cannot be read");
        folder.Faults[1].ShouldBe("empty.sql: the file is empty; write header lines and a statement, or remove it");
        folder.Faults[2].ShouldBe("faulty.sql: line 2: batch: `0` is not a whole number from 1 to 5000");
        folder.Faults[3].ShouldStartWith("huge.sql: the file has 262");
        folder.Faults[4].ShouldBe("utf16.sql: the file is not UTF-8; save it as UTF-8");
    }

    [Fact]
    public void Names_that_differ_by_case_only_are_one_name()
    {
        Write("orders.sql", Route);
        Write("orders.SQL", Route);
        Write("Orders.sql", Route);

        var folder = RouteFolder.Read(_folder);

        folder.Files.ShouldAllBe(file => file.Definition == null);
        folder.Faults.Count(fault => fault.Contains("the route has the same name as")).ShouldBe(3);
    }

    [Fact]
    public void A_former_name_belongs_to_one_route_and_to_no_living_one()
    {
        Write("a.sql", "-- was: d\n" + Route);
        Write("b.sql", "-- was: c\n" + Route);
        Write("c.sql", Route);
        Write("e.sql", "-- was: d\n" + Route);

        RouteFolder.Read(_folder).Faults.ShouldBe(
            [
                "a.sql: `was: d` stands in `e.sql` too and a cursor goes to one route only; remove one of the lines",
                "b.sql: `was: c` names a route that still exists; remove the line, or the file `c.sql`",
                "e.sql: `was: d` stands in `a.sql` too and a cursor goes to one route only; remove one of the lines",
            ]);
    }

    [Fact]
    public void A_folder_that_is_missing_is_a_fault()
    {
        var folder = RouteFolder.Read(PathOf("nowhere"));

        folder.Files.ShouldBeEmpty();
        folder.Faults.ShouldHaveSingleItem().ShouldEndWith("create it or name another one");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string PathOf(string name) => Path.Combine(_folder, name);

    private void Write(string name, string text) => File.WriteAllText(PathOf(name), text);
}
