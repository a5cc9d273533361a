-- on:   change Account
-- key:  payload->'ChangeEventHeader'->'recordIds'->>0
-- from: earliest
-- A change event holds only the fields that changed, so a field that is not in it keeps its value here.
with change as (
    select record_id,
           payload,
           payload->'ChangeEventHeader'->>'changeType'                         as kind,
           coalesce(payload->'ChangeEventHeader'->'nulledFields', '[]'::jsonb) as nulled
    from   message, jsonb_array_elements_text(payload->'ChangeEventHeader'->'recordIds') as record_id
)
merge into account_mirror as mirror
using change on change.record_id = mirror.id
when matched and change.kind = 'DELETE' then
    delete
when matched then
    update set name  = case when payload ? 'Name'  or nulled ? 'Name'  then payload->>'Name'  else mirror.name  end,
               phone = case when payload ? 'Phone' or nulled ? 'Phone' then payload->>'Phone' else mirror.phone end,
               city  = case when payload->'BillingAddress' ? 'City' then payload->'BillingAddress'->>'City'
                            when payload ? 'BillingCity' or nulled ? 'BillingCity' then payload->>'BillingCity'
                            else mirror.city end,
               changes = mirror.changes + 1
when not matched and change.kind in ('CREATE', 'UPDATE', 'UNDELETE') then
    insert (id, name, phone, city, changes)
    values (change.record_id, payload->>'Name', payload->>'Phone',
            coalesce(payload->'BillingAddress'->>'City', payload->>'BillingCity'), 1)
