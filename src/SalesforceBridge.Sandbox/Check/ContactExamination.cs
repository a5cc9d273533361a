using System.Text.Json;
using Dapper;
using Npgsql;
using SalesforceBridge.Simulator;

namespace SalesforceBridge.Sandbox.Check;

/// <summary>Holds the contacts of the org against the app's table that is kept like them, row by row, and against what a route made of it.</summary>
internal sealed class ContactExamination(SimulatedOrg org, SandboxDatabase database, AppDesk app)
{
    /// <summary>Every promise about contacts in Postgres.</summary>
    public async Task<IReadOnlyList<Promise>> ExamineAsync(CancellationToken ct)
    {
        IReadOnlyList<ContactRow> inOrg = Records();
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(ct);
        ContactRow[] rows = [.. await connection.QueryAsync<ContactRow>(Command("""
            select sfid, firstname, lastname, email, phone, badge__c as badge from salesforce.contact
            """, ct))];
        HashSet<(string, string?)> cards = [.. await connection.QueryAsync<(string, string?)>(Command("select sfid, phone from contact_card", ct))];
        long refused = await connection.ExecuteScalarAsync<long>(Command("""
            select count(*) from salesforce._trigger_log where state = 'FAILED' and sf_message like 'INVALID_EMAIL_ADDRESS%'
            """, ct));
        long others = await connection.ExecuteScalarAsync<long>(Command("""
            select count(*) from salesforce._trigger_log
            where state not in ('SUCCESS', 'IGNORED') and not (state = 'FAILED' and sf_message like 'INVALID_EMAIL_ADDRESS%')
            """, ct));
        Refusal[] told = [.. await connection.QueryAsync<Refusal>(Command("select log_id as LogId, contact_id as ContactId, email, why, times from contact_refusal", ct))];
        HashSet<Refusal> refusals = [.. await connection.QueryAsync<Refusal>(Command("""
            select id::bigint as LogId, record_id::bigint as ContactId, "values"::hstore -> 'email' as email, sf_message as why, 1 as times from salesforce._trigger_log where state = 'FAILED'
            """, ct))];
        int same = rows.Intersect(inOrg).Count();
        return
        [
            new Promise("contacts that are the same on both sides", $"{inOrg.Count}", $"{same}", same == inOrg.Count && same == rows.Length && same > 0),
            Promise.Of("contacts whose changes in the org the app's route followed", inOrg.Count, inOrg.Count(contact => cards.Contains((contact.Sfid!, contact.Phone)))),
            Promise.Of("edits of the app that the org refused, FAILED in the trigger log", app.Mistakes, refused),
            Once(app.Mistakes, refusals, told),
            Promise.Of("other edits of the app that did not reach the org", 0, others),
        ];
    }

    private static Promise Once(int mistakes, HashSet<Refusal> refusals, Refusal[] told)
    {
        int once = told.Count(refusals.Contains);
        return new Promise("edits that the org refused and a route of the app was told of once", $"{mistakes}", $"{once}", once == mistakes && once == told.Length && once == refusals.Count);
    }

    private IReadOnlyList<ContactRow> Records() =>
    [
        .. org.Query("select Id, FirstName, LastName, Email, Phone, Badge__c from Contact").Select(contact => new ContactRow(
            Text(contact, "Id"), Text(contact, "FirstName"), Text(contact, "LastName"), Text(contact, "Email"), Text(contact, "Phone"), Text(contact, "Badge__c"))),
    ];

    private static string? Text(JsonElement record, string field) => record.GetProperty(field).GetString();

    private static CommandDefinition Command(string sql, CancellationToken ct) => new(sql, cancellationToken: ct);

    /// <summary>An edit that the org refused, as the log or the app's route has it.</summary>
    private sealed record Refusal(long LogId, long ContactId, string? Email, string? Why, int Times);

    /// <summary>A contact, as either side has it.</summary>
    private sealed record ContactRow(string? Sfid, string? FirstName, string? LastName, string? Email, string? Phone, string? Badge);
}
