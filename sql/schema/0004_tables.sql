-- Changes of tables: captured by our triggers, moved to the inbox by the drain. See README.md for the states of a watched table.

-- A table whose changes are captured.
create table watch (
    source   text        primary key,  -- table SCHEMA.NAME
    key      text[]      not null,     -- the columns of its primary key
    columns  text[]      not null,     -- all its columns: another list means that the baseline is out of date
    baseline boolean     not null default false,  -- a hash of each row is kept
    due      text,       -- fill: the baseline is to be written; reconcile: changes may have been missed
    seen_at  timestamptz not null default clock_timestamp(),  -- when its triggers were last seen whole
    constraint watch_due check (due in ('fill', 'reconcile'))
);

-- A change that is not drained yet. Nothing is checked here that the trigger, its one writer, sees to: for single rows a CHECK costs a
-- quarter of the insert. CACHE 1 keeps the order of a row's changes; the key serves the drain, a source at a time. Rows are json, which
-- takes less to write than jsonb, and refuses nothing that jsonb would (`\u0000`): that shows in the drain, not in the writer's transaction.
create table change (
    source    text        not null,
    seq       bigint      generated always as identity (cache 1),
    operation text        not null,  -- insert, update, delete or truncate
    origin    text        not null,  -- salesforce, app or bridge:<route>
    hops      smallint    not null,
    record    json,
    old       json,
    at        timestamptz not null default clock_timestamp(),
    primary key (source, seq)
);

-- What the inbox was told of each row, as a hash: what a reconcile compares the table with.
create table baseline (
    source text   not null,
    key    text   not null,
    sfid   text,
    hash   bigint not null,
    primary key (source, key)
);
-- Finds a row that a reload gave another key.
create index baseline_by_sfid on baseline (source, sfid) where sfid is not null;

do $$
begin
    alter table change alter record set compression lz4, alter old set compression lz4;
exception when feature_not_supported then
    null;
end $$;

-- Until when triggers capture: twice the second in Unix time, and one more while the drain sleeps and wants to be woken. A sequence,
-- since every transaction sees its value at once, however old its snapshot is: after capture began anew, a row would be read too old.
create sequence capture minvalue 0 start 0;
select setval('capture', 0);

-- Lets triggers capture for so long from now, or not at all; written only when that moves by more than a part in seventy.
create function capture_for(ahead interval, ring boolean) returns void
language plpgsql set search_path from current as $$
declare
    told bigint := (select last_value from capture);
    till bigint := case when ahead > interval '0' then extract(epoch from clock_timestamp() + ahead)::bigint else 0 end;
begin
    if told % 2 <> ring::int or abs(told / 2 - till) > extract(epoch from ahead) / 70 then
        perform setval('capture', till * 2 + ring::int);
    end if;
end $$;

-- The trigger: `capture(SOURCE, CHANNEL)`. For each row rather than with transition tables, although those take less in bulk:
-- only so a row's changes come in their order when another trigger of the table writes to it too, and a changed key stays one change.
-- What cannot be stored here fails the writer's transaction: whatever commits is captured. It runs once a row, so every expression counts,
-- those of a statement twice those of an assignment; an exception handler would be a subtransaction a row.
create function capture() returns trigger
language plpgsql security definer as $$
declare
    till   bigint := pg_sequence_last_value('capture'::regclass);
    origin text := 'app';
    hops   smallint := 0;
    rung   text;
begin
    if to_timestamp(till / 2) <= clock_timestamp() or tg_op = 'UPDATE' and old *= new then
        return null;
    end if;
    if current_setting('bridge.origin', true) <> '' then
        origin := current_setting('bridge.origin');
        hops := coalesce(nullif(current_setting('bridge.hops', true), ''), '0');
    elsif current_setting('xmlbinary') = 'hex' then
        origin := 'salesforce';
    end if;
    insert into change (source, operation, origin, hops, record, old)
    values (tg_argv[0], lower(tg_op), origin, hops, to_json(new), to_json(old));
    if till % 2 = 1 then
        rung := pg_notify(tg_argv[1], 'tables');
    end if;
    return null;
end $$;

-- A writer's own temporary tables must not stand before ours, nor its time zone before UTC.
do $$
begin
    execute format('alter function capture() set search_path = pg_catalog, %I, pg_temp', current_schema());
    alter function capture() set timezone = 'UTC';
end $$;

-- Why jsonb refuses a row before or after its change; NULL where it takes both.
create function refusal(record json, old json) returns text
language plpgsql immutable parallel safe as $$
begin
    perform record::jsonb, old::jsonb;
    return null;
exception when others then
    return 'jsonb refuses a value of the row (' || sqlstate || ')';
end $$;

-- A value as Salesforce keeps it: trimmed, '' as NULL, 15 significant digits, milliseconds. Called once for each field, so not in SQL,
-- where a call costs ten times as much.
create function normal(value jsonb) returns text
language plpgsql immutable parallel safe as $$
declare
    v text := value #>> '{}';
    n numeric;
begin
    case jsonb_typeof(value)
        when 'string' then
            if v like '____-__-__T__:__:__.%' then
                return coalesce(left(v, 19) || rtrim(rtrim(substring(v from '^.{19}(\.\d{1,3})'), '0'), '.') || coalesce(substring(v from '[+-]\d\d:\d\d$'), ''), v);
            end if;
            return nullif(btrim(v, E' \t\r\n'), '');
        when 'number' then
            n := v;
            if n = 0 or length(v) <= 15 or length(v) > 400 then
                return trim_scale(n);
            end if;
            return trim_scale(round(n, 14 - floor(log(abs(n)))::int));
        else
            return v;
    end case;
end $$;

-- The bodies of the next ones are bound when they are made, so no search path matters.

-- The fields in which two forms of a row differ; loosely, as Salesforce would see it.
create function changed(before jsonb, after jsonb, loosely boolean) returns text[]
language sql immutable parallel safe
return (select coalesce(array_agg(key), '{}') from jsonb_each(after)
    where value is distinct from before -> key and (not loosely or normal(value) is distinct from normal(before -> key)));

-- A row's hash, without the fields that say nothing of its content.
create function row_hash(content jsonb, without text[]) returns bigint
language sql immutable parallel safe
return (select hashtextextended(coalesce(string_agg(key || E'\x1f' || v, E'\x1e'), ''), 0)
    from (select key, normal(value) as v from jsonb_each(content) where key <> all (without) offset 0) field where v is not null);

-- A key as text: one column as it is, several as a JSON array. An index holds no long ones.
create function row_key(content jsonb, columns text[]) returns text
language sql immutable parallel safe
return (select case when octet_length(k) > 500 then 'md5 ' || md5(k) else k end
    from (select case when cardinality(columns) = 1 then content ->> columns[1]
                      else (select jsonb_agg(content -> name order by n)::text from unnest(columns) with ordinality c(name, n)) end as k) key);

-- What a key says of its row.
create function key_fields(key text, columns text[]) returns jsonb
language sql immutable parallel safe
return (select case when key like 'md5 %' then '{}' when cardinality(columns) = 1 then jsonb_build_object(columns[1], key)
                    else (select jsonb_object_agg(columns[n], value) from jsonb_array_elements(key::jsonb) with ordinality part(value, n)) end);

-- A row as jsonb, or NULL where jsonb refuses it.
create function row_json(content anyelement) returns jsonb
language plpgsql stable set timezone = 'UTC' as $$
begin
    return to_jsonb(content);
exception when others then
    return null;
end $$;
