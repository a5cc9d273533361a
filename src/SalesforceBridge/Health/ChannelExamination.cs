using SalesforceBridge.Messaging;
using SalesforceBridge.Org;
using SalesforceBridge.Salesforce.Streaming;
using SalesforceBridge.Sources;

namespace SalesforceBridge.Health;

/// <summary>
/// Subscribes each channel that routes listen to, in a session of its own and from the tip, and ends as soon as the org has said whether it lets
/// the bridge: nothing else tells that of every kind of channel. No API call is made, and what a worker listens to is not touched.
/// </summary>
/// <param name="sources">The channels.</param>
/// <param name="time">The clock.</param>
internal sealed class ChannelExamination(IReadOnlyCollection<StreamSource> sources, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Asks the org; none of the answers is missing.</summary>
    public async Task<IReadOnlyDictionary<string, ChannelAnswer>> AskAsync(OrgSession org, CancellationToken ct)
    {
        Dictionary<string, ChannelAnswer> answers = [];
        HashSet<string> open = [.. sources.Select(source => source.Channel)];
        if (open.Count == 0)
            return answers;
        string why = $"the org did not answer within {Patience.TotalSeconds:0} s";
        using var limit = new Deadline(Patience, time, ct);
        try
        {
            EventStream stream = org.OpenStream((_, _) => ValueTask.FromResult<ReplayFrom>(new ReplayFrom.Tip()));
            stream.Want(open.ToHashSet());
            await foreach (StreamMessage message in stream.ReadAsync(limit.Token))
            {
                Note(message, answers);
                open.ExceptWith(answers.Keys);
                why = EndOf(message) ?? why;
                if (open.Count == 0 || EndOf(message) is not null)
                    break;
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Who did not get an answer by now gets none.
        }

        return AndForOthers(answers, new ChannelAnswer.Unknown(why));
    }

    /// <summary>The answers where the org cannot be asked.</summary>
    public IReadOnlyDictionary<string, ChannelAnswer> Unasked(string why) => AndForOthers([], new ChannelAnswer.Unknown(why));

    /// <summary>A finding for each channel.</summary>
    /// <param name="answers">What the org says.</param>
    /// <param name="known">What the database says; null where it cannot be asked.</param>
    public IEnumerable<Finding> Judge(IReadOnlyDictionary<string, ChannelAnswer> answers, IReadOnlyList<SourceStatus>? known)
    {
        foreach (StreamSource source in sources)
        {
            string last = LastOf(source, known);
            yield return answers[source.Channel] switch
            {
                ChannelAnswer.Refused(var text, var advice) => Finding.Fail(source.Name, $"the org refuses {source.Channel}: {text}; {last}", advice),
                ChannelAnswer.Unknown(var why) => Finding.Warn(
                    source.Name, $"whether the org lets the bridge subscribe {source.Channel} is not known: {why}; {last}", "Ask again when that is better."),
                _ => Finding.Ok(source.Name, $"{source.Channel} can be subscribed; {last}"),
            };
        }
    }

    private string LastOf(StreamSource source, IReadOnlyList<SourceStatus>? known) => known is null
        ? "when its last event came is not known"
        : known.FirstOrDefault(status => status.Name == source.Name)?.LastMessageAt is { } last
            ? $"its last event came {Ages.Of(time.GetUtcNow().UtcDateTime - last)} ago"
            : "no event of it is kept";

    private Dictionary<string, ChannelAnswer> AndForOthers(Dictionary<string, ChannelAnswer> answers, ChannelAnswer answer)
    {
        foreach (StreamSource source in sources)
            answers.TryAdd(source.Channel, answer);
        return answers;
    }

    private static void Note(StreamMessage message, Dictionary<string, ChannelAnswer> answers)
    {
        if (message is StreamMessage.Subscribed subscribed)
            answers[subscribed.Channel] = new ChannelAnswer.Allowed();
        if (message is not StreamMessage.Refused refused)
            return;
        // What says nothing of the channel passes.
        answers[refused.Channel] = refused.Error is StreamError.ServerBusy or StreamError.ClientLimitExceeded or StreamError.TooManyRequests
            ? new ChannelAnswer.Unknown(refused.Text)
            : new ChannelAnswer.Refused(refused.Text, StreamAlerts.Advice(refused.Error));
    }

    // A stream tries again for as long as it is read; a person who waits had better know why.
    private static string? EndOf(StreamMessage message) => message switch
    {
        StreamMessage.SessionLost { IsRoutine: false } lost => lost.Text,
        StreamMessage.AuthFailed failed => failed.Text,
        StreamMessage.Stopped stopped => stopped.Text,
        _ => null,
    };
}

/// <summary>Whether the org lets the bridge subscribe a channel.</summary>
internal abstract record ChannelAnswer
{
    private ChannelAnswer()
    {
    }

    public sealed record Allowed : ChannelAnswer;

    /// <param name="Text">The org's words.</param>
    /// <param name="Advice">What to do.</param>
    public sealed record Refused(string Text, string Advice) : ChannelAnswer;

    /// <param name="Why">Why nobody knows, as a part of a sentence.</param>
    public sealed record Unknown(string Why) : ChannelAnswer;
}
