using System.Globalization;

namespace SalesforceBridge.Simulator.Bulk;

/// <summary>An answer of CSV, written from the rows of a job while it is sent.</summary>
/// <param name="form">Of the job.</param>
/// <param name="columns">The header, which every answer begins with.</param>
/// <param name="rows">Where the rows are.</param>
/// <param name="chosen">Which, and in what order.</param>
internal sealed class CsvReply(CsvForm form, IEnumerable<string> columns, RowFile rows, IReadOnlyCollection<int> chosen) : IResult
{
    /// <summary>Of the next page; nothing for answers without pages.</summary>
    public string? Locator { get; init; }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        HttpResponse response = httpContext.Response;
        response.ContentType = "text/csv";
        if (Locator is not null)
        {
            response.Headers["Sforce-Locator"] = Locator;
            response.Headers["Sforce-NumberOfRecords"] = chosen.Count.ToString(CultureInfo.InvariantCulture);
        }
        await response.Body.WriteAsync(form.Line(columns), httpContext.RequestAborted);
        await rows.CopyToAsync(response.Body, chosen, httpContext.RequestAborted);
    }
}
