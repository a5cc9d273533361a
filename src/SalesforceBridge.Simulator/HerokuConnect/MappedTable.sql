-- A mapped table with its indexes and triggers; its log entries begin in the state that its log trigger is given. A table that is there
-- already is kept as it is.

create table if not exists {table} (
    {columns},
    id         serial primary key,
    _hc_lastop varchar(32),
    _hc_err    text
);
create unique index if not exists {sfid_index} on {table} (sfid);
create index if not exists {systemmodstamp_index} on {table} (systemmodstamp);

create or replace trigger {status_trigger} before insert or update on {table}
    for each row execute function {schema}.hc_note_status();
create or replace trigger {log_trigger} after insert or update or delete on {table}
    for each row when (public.get_xmlbinary() = 'base64') execute function {schema}.hc_log_change({state});
