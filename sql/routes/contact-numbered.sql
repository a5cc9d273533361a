-- on:    callout contact
-- do:    update Contact
-- key:   payload->'record'->>'Id'
-- retry: 5 from 1s to 1m
-- A new contact gets the number of its badge. The trigger runs after insert and after update, as most do, so this update makes the
-- org call out once more. That callout is the bridge's own doing, by its userId, and does not wake this route; and an update of
-- somebody else is left alone, since only a new contact needs a number.
select payload->'record'->>'Id'       as "Id",
       'B-' || lpad(id::text, 8, '0') as "Badge__c"
from   message
where  payload->>'operation' = 'insert'
