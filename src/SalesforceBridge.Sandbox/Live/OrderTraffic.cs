namespace SalesforceBridge.Sandbox.Live;

/// <summary>
/// A day at the org: some orders a second, now and then a large one, accounts that change, new contacts and won deals. And at the app, whose
/// people work on the contacts in Postgres.
/// </summary>
internal sealed class OrderTraffic(OrderDesk desk, AppDesk app, Screen screen, TimeProvider time)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    /// <summary>Goes on until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        desk.OpenAccount();
        using var timer = new PeriodicTimer(Pace, time);
        for (int n = 1; await timer.WaitForNextTickAsync(ct); n++)
        {
            if (n % 300 == 150)
                PlacePoison();
            else if (n % 300 == 75)
                await MistakeAsync(ct);
            else if (n % 60 == 35)
                await app.AddAsync(ct);
            else if (n % 15 == 8)
                await app.EditAsync(ct);
            else if (n % 30 == 17)
                desk.CallContact();
            else if (n % 50 == 25)
                desk.OpenAccount();
            else if (n % 10 == 5)
                desk.ChangeAccount(times: 1 + n % 3);
            else if (n % 20 == 10)
                desk.MeetContact();
            else if (n % 20 == 0)
                desk.WinDeal(5000 + n % 4000);
            else if (n % 8 == 4)
                desk.PlaceOrder(1500 + n % 4000);
            else
                desk.PlaceOrder(20 + n % 900);
        }
    }

    private async Task MistakeAsync(CancellationToken ct)
    {
        screen.Tell("the app gives a contact an e-mail address that is none: the org refuses it, and a route tells the app, see contact_refusal");
        await app.MistakeAsync(ct);
    }

    private void PlacePoison()
    {
        screen.Tell("the org publishes an order whose amount is a word: its routes will try it five times, then it is a dead letter of each");
        desk.PlacePoison(Poison.AmountIsAWord);
    }
}
