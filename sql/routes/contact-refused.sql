-- on:    connect-error salesforce.contact
-- key:   key
-- retry: 5 from 1s to 1m
-- What an app wrote and the org refused, for the people at the app to put right. Heroku Connect's log keeps it for some days and moves it
-- about meanwhile; each refusal is one message all the same, so the count is exact.
insert into contact_refusal as refusal (log_id, contact_id, email, why, times)
select (payload->>'id')::bigint,
       (payload->>'record_id')::bigint,
       payload->'values'->>'email',
       payload->>'error',
       1
from   message
on conflict (log_id) do update
set    why   = excluded.why,
       times = refusal.times + 1
