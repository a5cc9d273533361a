-- on:     change Account
-- key:    payload->'ChangeEventHeader'->'recordIds'->>0
-- from:   earliest
-- replay: earliest
-- A change event holds only the fields that changed, so a field that is not in it keeps its value here. A cleared field is
-- null in it or is named in nulledFields. An org with address fields sends them inside BillingAddress, and the names of
-- cleared ones as BillingAddress.City; both become BillingCity. Equal changes of several records may come as one event.
with change as (
    select record_id as id,
           payload->'ChangeEventHeader'->>'changeType' as kind,
           (payload - 'BillingAddress')
               || coalesce((select jsonb_object_agg('Billing' || part, value) from jsonb_each(
                      case jsonb_typeof(payload->'BillingAddress')
                          when 'object' then payload->'BillingAddress'
                          when 'null'   then '{"City": null}'
                      end) as address (part, value)), '{}')
               || coalesce((select jsonb_object_agg(case name when 'BillingAddress' then 'BillingCity'
                                                              else replace(name, 'BillingAddress.', 'Billing') end, null)
                      from jsonb_array_elements_text(payload->'ChangeEventHeader'->'nulledFields') as nulled (name)), '{}') as fields
    from   message, jsonb_array_elements_text(payload->'ChangeEventHeader'->'recordIds') as record_id
)
merge into account_mirror as mirror
using change on change.id = mirror.id
when matched and kind in ('DELETE', 'GAP_DELETE') then
    delete
when matched then
    update set name    = case when fields ? 'Name'        then fields->>'Name'        else mirror.name  end,
               phone   = case when fields ? 'Phone'       then fields->>'Phone'       else mirror.phone end,
               city    = case when fields ? 'BillingCity' then fields->>'BillingCity' else mirror.city  end,
               changes = mirror.changes + 1
when not matched and kind in ('CREATE', 'UPDATE', 'UNDELETE', 'SNAPSHOT') then
    insert (id, name, phone, city, changes)
    values (change.id, fields->>'Name', fields->>'Phone', fields->>'BillingCity', 1)
