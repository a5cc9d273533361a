-- on:    event Order_Placed__e
-- key:   payload->>'Order_Id__c'
-- retry: 5 from 1s to 1m
-- Runs once for each event, in order, in the same transaction as its cursor, so the count is exact.
insert into order_archive as archive (order_id, amount, customer, placed_at, events)
select payload->>'Order_Id__c',
       (payload->>'Amount__c')::numeric,
       payload->>'Customer__c',
       coalesce(occurred_at, received_at),
       1
from   message
on conflict (order_id) do update
set    amount   = excluded.amount,
       customer = excluded.customer,
       events   = archive.events + 1
