-- on:    outbound-message Opportunity
-- key:   payload->>'Id'
-- retry: 5 from 1s to 1m
-- An org sends a notification again until it hears that it was taken, and even then now and then; each is stored once and runs once
-- here, so the count is exact. It tells a record as it was when it was sent, so the latest one counts.
insert into booking (opportunity_id, name, amount, notifications)
select payload->>'Id',
       payload->>'Name',
       (payload->>'Amount')::numeric,
       1
from   message
on conflict (opportunity_id) do update
set    name          = excluded.name,
       amount        = excluded.amount,
       notifications = booking.notifications + 1
