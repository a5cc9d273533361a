-- on:    event Order_Placed__e
-- do:    update Order__c
-- key:   payload->>'Order_Id__c'
-- retry: 5 from 1s to 1m
-- Every order of up to 1,000 is accepted at once; larger ones wait for a person, see large-order-alert.
select payload->>'Order_Id__c' as "Id",
       'Accepted'              as "Status__c",
       received_at             as "Accepted_At__c"
from   message
where  (payload->>'Amount__c')::numeric <= 1000
