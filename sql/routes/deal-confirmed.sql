-- on:    outbound-message Opportunity
-- do:    update Opportunity
-- key:   payload->>'Id'
-- retry: 5 from 1s to 1m
-- Says in the org that a won deal has arrived. The org's rule is about every won opportunity that is edited, so this update makes it
-- send another notification. Nothing in that one says who caused it, but the description is in it, so it yields no row and the circle
-- ends after one pass; what a person has written stays too. (Or let the rule ask whether StageName changed, and the org sends one.)
select payload->>'Id'                     as "Id",
       'Booked: the work on it can begin' as "Description"
from   message
where  payload->>'Description' is null
