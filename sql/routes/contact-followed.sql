-- on:    table salesforce.contact from salesforce
-- key:   key
-- retry: 5 from 1s to 1m
-- Heroku Connect keeps the table, and this hears what the org changed in it: not what an app changed, which the app knows, and not
-- what Heroku Connect notes in its rows. A row's key is its own id; sfid is the record, and a reload gives it another row.
insert into contact_card as card (sfid, name, phone, changes)
select payload->>'sfid',
       concat_ws(' ', payload->'record'->>'firstname', payload->'record'->>'lastname'),
       payload->'record'->>'phone',
       1
from   message
where  payload->>'operation' <> 'delete'
on conflict (sfid) do update
set    name    = excluded.name,
       phone   = excluded.phone,
       changes = card.changes + 1
