-- Backfills: one route is told every record of its source as it is now. See README.md for the states of one.

-- The one route that a message is for; NULL: every route on its source. The others pass over it.
alter table inbox add column for_route text;

-- How far the backfill of a route is; the last one of each route is kept.
create table backfill (
    route         text        primary key,
    source        text        not null,
    epoch         bigint      not null default 1,  -- one more for each that begins
    condition     text,       -- of --where: only some records
    position      text,       -- where reading goes on; its own words for records of the org, a key for rows of a table
    total         bigint,     -- how many there were when it began, where that was asked
    stored        bigint      not null default 0,
    deleted       bigint      not null default 0,  -- told as deleted
    put_off       bigint      not null default 0,  -- read again, since a message about them came while they were read
    deletes_since timestamptz,  -- deletes from then on were told; NULL: none were
    started_at    timestamptz not null default clock_timestamp(),
    updated_at    timestamptz not null default clock_timestamp(),
    finished_at   timestamptz
);
