namespace SalesforceBridge.Sandbox.Check;

/// <summary>The same events in the same order, every time, and contacts and deals between them; a few of each kind of poison among the first.</summary>
internal sealed class CheckWorkload(OrderDesk desk, int events)
{
    private int _step;

    public bool IsDone => Left == 0;

    private int Left => events - desk.EventCount;

    /// <summary>Makes at least this many of the events that are left.</summary>
    public void Make(int count)
    {
        int enough = Math.Max(Left - count, 0);
        while (Left > enough)
            MakeNext();
    }

    private void MakeNext()
    {
        int n = _step++;
        if (Left == 1)
            desk.PlaceOrder(Small(n));
        else if (n < 60 && n % 20 is 1 or 2 or 4)
            desk.PlacePoison((n % 20) switch { 1 => Poison.UnknownOrder, 2 => Poison.AmountIsAWord, _ => Poison.Unstorable });
        else
            MakeGood(n);
    }

    private void MakeGood(int n)
    {
        switch (n % 20)
        {
            case 0:
                desk.OpenAccount();
                break;
            case 5:
                desk.ChangeAccount(times: 1);
                break;
            case 10:
                desk.ChangeAccount(times: 2);
                break;
            case 9:
                desk.CallContact();
                desk.PlaceOrder(Small(n));
                break;
            case 6 or 16:
                desk.WinDeal(Large(n));
                break;
            case 7 or 17:
                desk.MeetContact();
                break;
            case 15 when n % 80 == 75:
                desk.CloseAccount();
                break;
            case 15:
                desk.MoveAccount();
                break;
            case 3 or 13:
                desk.PlaceOrder(Large(n));
                break;
            case 8:
                desk.PlaceOrder(Large(n), Large(n) + 1);
                break;
            case 18:
                desk.PlaceOrder(Small(n), Small(n) + 1);
                break;
            default:
                desk.PlaceOrder(Small(n));
                break;
        }
    }

    private static decimal Small(int n) => 10 + n % 900;

    private static decimal Large(int n) => OrderDesk.LargeFrom + 1 + n;
}
