-- on:    event Order_Placed__e
-- do:    publish Large_Order__e
-- key:   payload->>'Order_Id__c'
-- retry: 5 from 1s to 1m
-- Whoever subscribes to Large_Order__e may get one twice after a crash, so it names the order.
select payload->>'Order_Id__c'              as "Order_Id__c",
       (payload->>'Amount__c')::numeric     as "Amount__c",
       'More than 1,000: please look at it' as "Reason__c"
from   message
where  (payload->>'Amount__c')::numeric > 1000
