-- What Heroku Connect keeps beside its mapped tables.

create extension if not exists hstore with schema public;
create schema if not exists {schema};

-- Who writes: base64 is the default, so an app; hex is Heroku Connect itself. Others call it without a schema, so public must be in their
-- search path. (The real one looks into pg_settings, which takes as long as the rest of a write.)
create or replace function public.get_xmlbinary() returns varchar
language sql stable as $$ select current_setting('xmlbinary')::varchar $$;

create table if not exists {schema}._hcmeta (
    id      int primary key,
    hcver   int,
    org_id  varchar(50),
    details text
);

-- Changes that apps made. What Heroku Connect writes is never in it.
create table if not exists {schema}._trigger_log (
    id           serial primary key,
    txid         bigint,
    created_at   timestamptz default now(),
    updated_at   timestamptz default now(),
    processed_at timestamptz,
    processed_tx bigint,
    state        varchar(8),
    action       varchar(7),
    table_name   varchar(128),
    record_id    int,
    sfid         varchar(18),
    old          text,
    "values"     text,
    sf_result    int,
    sf_message   text
);
create index if not exists _trigger_log_idx_created_at on {schema}._trigger_log (created_at);
create index if not exists _trigger_log_idx_state_id on {schema}._trigger_log (state, id);
create index if not exists _trigger_log_idx_state_table_name on {schema}._trigger_log (state, table_name) where state in ('NEW', 'PENDING');

create table if not exists {schema}._trigger_log_archive (
    id           int primary key,
    txid         bigint,
    created_at   timestamptz,
    updated_at   timestamptz,
    processed_at timestamptz,
    processed_tx bigint,
    state        varchar(8),
    action       varchar(7),
    table_name   varchar(128),
    record_id    int,
    sfid         varchar(18),
    old          text,
    "values"     text,
    sf_result    int,
    sf_message   text
);
create index if not exists _trigger_log_archive_idx_created_at on {schema}._trigger_log_archive (created_at);
create index if not exists _trigger_log_archive_idx_record_id on {schema}._trigger_log_archive (record_id);
create index if not exists _trigger_log_archive_idx_state_table_name on {schema}._trigger_log_archive (state, table_name) where state = 'FAILED';

create or replace function {schema}.tlog_notify() returns trigger
language plpgsql as $$
begin
    perform pg_notify({channel}, 'ping');
    return new;
end $$;

create or replace trigger tlog_insert_trigger after insert on {schema}._trigger_log
    for each row execute function {schema}.tlog_notify();

-- Before a write: an app's is pending; Heroku Connect's own is what it says, and SYNCED where it says the same as before.
create or replace function {schema}.hc_note_status() returns trigger
language plpgsql as $$
begin
    if get_xmlbinary() = 'base64' then
        new._hc_lastop := 'PENDING';
        new._hc_err := null;
    elsif new._hc_lastop is null or tg_op = 'UPDATE' and new._hc_lastop is not distinct from old._hc_lastop then
        new._hc_lastop := 'SYNCED';
        new._hc_err := null;
    end if;
    return new;
end $$;

-- After an app's write: hc_log_change(STATE), which is NEW, or READONLY where the mapping does not write.
create or replace function {schema}.hc_log_change() returns trigger
language plpgsql as $$
declare
    notes  constant text[] := array['_hc_lastop', '_hc_err'];
    begins text := tg_argv[0];
    before hstore;
    after  hstore;
begin
    if tg_op <> 'INSERT' then
        before := hstore(old) - notes;
    end if;
    if tg_op <> 'DELETE' then
        after := hstore(new) - notes;
    end if;
    if tg_op = 'UPDATE' then
        after := after - before;
    end if;
    if tg_op = 'UPDATE' and after = '' or tg_op = 'DELETE' and old.sfid is null then
        begins := 'IGNORE';
    end if;
    insert into {schema}._trigger_log (txid, created_at, updated_at, state, action, table_name, record_id, sfid, old, "values")
    values (txid_current(), clock_timestamp(), clock_timestamp(), begins, tg_op, tg_table_name,
            case tg_op when 'DELETE' then old.id else new.id end, case tg_op when 'DELETE' then old.sfid else new.sfid end, before, after);
    return null;
end $$;
comment on function {schema}.hc_log_change() is 'VERSION 4';

-- Captures a row as it is now, as if it were inserted: all its columns but the excluded ones. The log entry's id; null for no row.
create or replace function {schema}.hc_capture_insert_from_row(source_row hstore, table_name varchar, excluded_cols text[] default array[]::text[])
returns int language plpgsql as $$
declare
    entry int;
begin
    if source_row -> 'id' is null then
        return null;
    end if;
    insert into {schema}._trigger_log (txid, created_at, updated_at, state, action, table_name, record_id, sfid, "values")
    values (txid_current(), clock_timestamp(), clock_timestamp(), 'NEW', 'INSERT', table_name, (source_row -> 'id')::int, source_row -> 'sfid',
            source_row - array(select unnest(excluded_cols) except values ('id'), ('sfid')) - array['_hc_lastop', '_hc_err'])
    returning id into entry;
    return entry;
end $$;

-- The same as if it were updated: only the columns that are named, or all where none is.
create or replace function {schema}.hc_capture_update_from_row(source_row hstore, table_name varchar, columns_to_include text[] default array[]::text[])
returns int language plpgsql as $$
declare
    entry int;
begin
    if source_row -> 'id' is null then
        return null;
    end if;
    insert into {schema}._trigger_log (txid, created_at, updated_at, state, action, table_name, record_id, sfid, "values")
    values (txid_current(), clock_timestamp(), clock_timestamp(), 'NEW', 'UPDATE', table_name, (source_row -> 'id')::int, source_row -> 'sfid',
            case when cardinality(columns_to_include) > 0 then slice(source_row, columns_to_include) else source_row end - array['_hc_lastop', '_hc_err'])
    returning id into entry;
    return entry;
end $$;
