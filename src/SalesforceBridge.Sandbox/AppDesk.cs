using Npgsql;

namespace SalesforceBridge.Sandbox;

/// <summary>The people at the app: they work on contacts in the app's own database, as if there were no org.</summary>
internal sealed class AppDesk(SandboxDatabase database)
{
    private const string Mistake = "nobody";
    private int _number;

    /// <summary>How many edits the org must have refused: the app takes an address that is none, and the org does not.</summary>
    public int Mistakes { get; private set; }

    /// <summary>Enters somebody new.</summary>
    public Task AddAsync(CancellationToken ct) => ExecuteAsync(
        "insert into salesforce.contact (firstname, lastname, email) values ('Alex', $1, $2)", $"App contact {++_number}", Address(), ct);

    /// <summary>Gives somebody another e-mail address.</summary>
    public Task EditAsync(CancellationToken ct) => EditAsync(Address(), ct);

    /// <summary>Gives somebody an address that is none.</summary>
    public async Task MistakeAsync(CancellationToken ct) => Mistakes += await EditAsync($"{Mistake} {++_number}", ct);

    /// <summary>Puts right what was a mistake, where nobody else has.</summary>
    public Task CorrectAsync(CancellationToken ct) => ExecuteAsync(
        "update salesforce.contact set email = id || $2 where email like $1", $"{Mistake} %", "@app.example", ct);

    /// <summary>A turn of work: somebody new, three edits and a mistake.</summary>
    public async Task TakeTurnAsync(CancellationToken ct)
    {
        await AddAsync(ct);
        for (int n = 0; n < 3; n++)
            await EditAsync(ct);
        await MistakeAsync(ct);
    }

    private string Address() => $"contact.{++_number}@app.example";

    private Task<int> EditAsync(string address, CancellationToken ct) => ExecuteAsync("""
        update salesforce.contact set email = $1
        where id = (select id from salesforce.contact order by id offset $2::int % (select nullif(count(*), 0) from salesforce.contact) limit 1)
        """, address, $"{_number}", ct);

    private async Task<int> ExecuteAsync(string sql, string first, string second, CancellationToken ct)
    {
        await using NpgsqlCommand command = database.Source.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = first });
        command.Parameters.Add(new NpgsqlParameter { Value = second });
        return await command.ExecuteNonQueryAsync(ct);
    }
}
