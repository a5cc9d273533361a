using System.Text.Json;
using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator;

/// <summary>An answer whose body is written at once, while what it tells of is held still.</summary>
internal sealed class JsonReply(int status, ReadOnlyMemory<byte> body) : IResult
{
    private const string ContentType = "application/json;charset=UTF-8";

    private static readonly JsonSerializerOptions Shape = new() { Encoder = OrgJson.Format.Encoder };

    private string? _location;

    public int Status => status;

    public ReadOnlyMemory<byte> Body => body;

    /// <summary>Where what was created is; nothing for other answers.</summary>
    public string? Location => _location;

    /// <summary>Whether something failed: by its status, or in one of its items.</summary>
    public bool HasFailed { get; private init; } = status >= StatusCodes.Status300MultipleChoices;

    public static JsonReply Of(int status, Action<Utf8JsonWriter> write) => new(status, OrgJson.Write(write));

    /// <summary>An answer whose shape is told by an object that has it.</summary>
    public static JsonReply Ok(object body) => new(StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(body, Shape));

    /// <summary>That something was created.</summary>
    public static JsonReply Created(object body) => new(StatusCodes.Status201Created, JsonSerializer.SerializeToUtf8Bytes(body, Shape));

    /// <summary>An answer that is a success as a whole, whatever became of its items.</summary>
    public static JsonReply Of(int status, bool hasFailedItems, Action<Utf8JsonWriter> write) => new(status, OrgJson.Write(write)) { HasFailed = hasFailedItems };

    public static JsonReply Empty(int status = StatusCodes.Status204NoContent) => new(status, ReadOnlyMemory<byte>.Empty);

    /// <summary>The array that REST errors come in.</summary>
    public static JsonReply Error(int status, ApiError error) => Of(status, json =>
    {
        json.WriteStartArray();
        error.Write(json, codeName: "errorCode");
        json.WriteEndArray();
    });

    /// <summary>Writes the body into another one; null when it has none.</summary>
    public void WriteBody(Utf8JsonWriter json)
    {
        if (body.IsEmpty)
            json.WriteNullValue();
        else
            json.WriteRawValue(body.Span, skipInputValidation: true);
    }

    public JsonReply At(string location)
    {
        _location = location;
        return this;
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        if (_location is not null)
            httpContext.Response.Headers.Location = _location;
        if (body.IsEmpty)
            return;
        httpContext.Response.ContentType = ContentType;
        await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
    }
}
