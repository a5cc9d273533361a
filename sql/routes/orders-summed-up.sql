-- on: cron 0 0 6 * * ?
-- Each morning at six (UTC) the orders of the day before, as the archive has them. A fire that nobody was there for is made up for, and
-- one that is run by hand once more (`bridge schedules run orders-summed-up`) comes to the same row.
insert into order_summary (day, orders, amount)
select at::date - 1, count(order_id), coalesce(sum(amount), 0)
from   message
cross join lateral (select (payload->>'scheduledAt')::timestamptz at time zone 'UTC') as fire (at)
left join order_archive on (placed_at at time zone 'UTC')::date = at::date - 1
group by at::date
on conflict (day) do update
set    orders = excluded.orders,
       amount = excluded.amount
