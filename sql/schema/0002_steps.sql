-- The functions that begin and end a step. Each raises instead of returning "no", so that a batch of statements
-- sent together is undone as a whole.

-- Locks a cursor that is still ours. BR001: another worker took it.
create function hold(held text, held_epoch bigint) returns void
language plpgsql set search_path from current as $$
begin
    perform from cursor c where c.name = held and c.epoch = held_epoch for no key update;
    if not found then
        raise exception 'cursor % is no longer held under epoch %', held, held_epoch using errcode = 'BR001';
    end if;
end $$;

-- Limits the time of the transaction's further statements.
create function limit_time(time_limit_ms bigint) returns void
language plpgsql as $$
begin
    perform set_config('statement_timeout', time_limit_ms::text, true);
end $$;

-- Says to table triggers how many routes the cause of what follows went through.
create function set_hops(hops int) returns void
language plpgsql as $$
begin
    perform set_config('bridge.hops', hops::text, true);
end $$;

-- Locks the cursor and sets what every route's statement runs under: UTC, its origin for table triggers, its time limit.
-- A transaction that its worker left open would keep the lock for hours if that machine is gone, so the server ends it.
create function begin_route(held text, held_epoch bigint, origin text, time_limit_ms bigint) returns void
language plpgsql set search_path from current as $$
begin
    perform hold(held, held_epoch);
    perform limit_time(time_limit_ms);
    perform set_config('TimeZone', 'UTC', true),
            set_config('bridge.origin', origin, true),
            set_config('idle_in_transaction_session_timeout', (time_limit_ms + 10000)::text, true);
end $$;

-- Moves a position that is still where the step began. BR002: somebody moved it meanwhile, so the step starts over.
create function move(moved text, from_position text, to_position text) returns void
language plpgsql set search_path from current as $$
begin
    update cursor set position = to_position, in_flight = null, in_flight_at = null, tries = 0, updated_at = now()
    where name = moved and position is not distinct from from_position;
    if not found then
        raise exception 'the position of % changed during the step', moved using errcode = 'BR002';
    end if;
end $$;

-- How Salesforce reads a value. Dates and times are UTC with milliseconds; lists are joined as multi-select picklists are.
create function wire(value timestamptz) returns jsonb
language sql stable as $$
    select case when isfinite(value) then to_jsonb(to_char(value at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) else to_jsonb(value) end
$$;

create function wire(value timestamp) returns jsonb
language sql stable as $$
    select case when isfinite(value) then to_jsonb(to_char(value, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) else to_jsonb(value) end
$$;

create function wire(value time) returns jsonb
language sql stable as $$ select to_jsonb(to_char(value, 'HH24:MI:SS.MS"Z"')) $$;

create function wire(value anyarray) returns jsonb
language sql stable as $$ select to_jsonb(array_to_string(value, ';')) $$;
