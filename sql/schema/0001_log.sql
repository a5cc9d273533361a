-- The inbox, the outbox and what keeps their progress. Names are unqualified on purpose: this file runs with
-- search_path set to the bridge's schema alone, whatever that schema is called.

-- A message: written once, never updated. Ids are drawn while the source's cursor row is locked, so they become
-- visible in order; CACHE 1 keeps a second session from drawing ahead.
create table inbox (
    source      text        not null,
    id          bigint      generated always as identity (cache 1),
    key         text,
    dedupe_key  text,
    payload     jsonb,
    raw         bytea,      -- the bytes as they came, kept only where jsonb refuses them
    fault       text,       -- why jsonb refuses them
    origin      text,       -- bridge:<route> where a route caused the message
    hops        smallint    not null default 0,  -- how many routes the cause went through
    occurred_at timestamptz,
    received_at timestamptz not null default clock_timestamp(),
    traceparent text,
    primary key (source, id),
    constraint inbox_dedupe unique (source, dedupe_key),
    constraint inbox_payload_or_fault check ((payload is null) = (fault is not null))
);
create index inbox_by_id on inbox using brin (id) with (pages_per_range = 16);

-- The progress of a source, of a route (its lease), of a route on a source (its position), or of a lane.
create table cursor (
    name         text        primary key,
    position     text,       -- a source: its own words; a route or lane: the last id that is behind it
    in_flight    text,       -- a lane: the highest id handed to the API; a careful route: the id that runs now
    in_flight_at timestamptz,
    tries        int         not null default 0,  -- how often that id was begun
    careful      boolean     not null default false,  -- one message at a time: the last worker vanished
    worker       uuid,
    epoch        bigint      not null default 0,
    stopped      text,       -- why it stands still; null while it runs
    probe_at     timestamptz,  -- when it tries again
    enabled      boolean     not null default true,
    updated_at   timestamptz not null default now(),
    constraint cursor_probe check ((stopped is null) = (probe_at is null))
) with (fillfactor = 50);

create table worker (
    id      uuid        primary key,
    dyno    text        not null,
    version text        not null,
    seen_at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);

-- A delivery to make: written once by the holder of its route's cursor, never updated.
create table outbox (
    lane        text        not null,
    id          bigint      generated always as identity (cache 1),
    key         text,
    destination text        not null,
    body        jsonb       not null,
    meta        jsonb,
    inbox_id    bigint,
    hops        smallint    not null default 1,
    created_at  timestamptz not null default clock_timestamp(),
    primary key (lane, id)
);

-- What became of a delivery. A row is final: the delivery was made, or a person discarded it.
create table outcome (
    lane     text        not null,
    id       bigint      not null,
    org_id   text,       -- the record's id, or the event's uuid
    created  boolean,
    error    text,       -- why nothing was sent, where nothing was
    attempts int         not null default 1,
    hops     smallint    not null default 0,  -- the delivery's, for the event that comes back
    at       timestamptz not null default clock_timestamp(),
    primary key (lane, id)
);
-- Finds the route that published an event.
create index outcome_by_org_id on outcome (org_id) where org_id is not null;

-- A message of a route, or a delivery of a lane, that failed or waits behind one that did. See README.md for the states.
create table failure (
    cursor       text        not null,
    id           bigint      not null,
    source       text,       -- of a route's message
    key          text,
    state        text        not null,
    holds        boolean     not null default true,  -- later ones with its key wait behind it
    attempts     int         not null default 0,
    next_attempt timestamptz,
    code         text,
    error        text,
    failed_at    timestamptz not null default clock_timestamp(),
    primary key (cursor, id),
    constraint failure_state check (state in ('retrying', 'waiting', 'dead')),
    constraint failure_retrying check ((state = 'retrying') = (next_attempt is not null)),
    constraint failure_open_holds check (state = 'dead' or holds)
);
create index failure_heads on failure (cursor, key, id) where holds;
create index failure_dead on failure (cursor, id) where state = 'dead';

-- A span of events known or feared lost.
create table gap (
    id            bigint generated always as identity primary key,
    source        text        not null,
    from_position text,
    to_position   text,
    why           text        not null,
    noticed_at    timestamptz not null default clock_timestamp(),
    healed        text,
    healed_at     timestamptz
);

-- What a person should look at; one row while it lasts.
create table alert (
    name     text        primary key,
    what     text        not null,
    since    timestamptz not null default clock_timestamp(),
    seen_at  timestamptz not null default clock_timestamp()
);

-- lz4 reads and writes large payloads several times faster; a server built without it keeps its default.
do $$
begin
    alter table inbox  alter payload set compression lz4, alter raw set compression lz4;
    alter table outbox alter body set compression lz4;
exception when feature_not_supported then
    null;
end $$;
