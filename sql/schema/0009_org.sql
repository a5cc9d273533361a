-- The org that this database belongs to, and the calls that are made to it.

-- One row, written by whoever first has a token. A refreshed sandbox keeps its name and gets a new id, and a copied database keeps all its
-- rows: with credentials of another org nothing is sent, until a person rebinds it.
create table org (
    one        boolean     primary key default true,
    id         text        not null,  -- 18 characters; the first 15 tell orgs apart
    bound_at   timestamptz not null default clock_timestamp(),
    used       bigint,     -- API calls of everybody in 24 hours, as the org told last
    allowed    bigint,
    told_at    timestamptz,
    constraint org_one check (one),
    constraint org_id check (id ~ '^00D[0-9A-Za-z]{15}$')
);

-- Calls of the org's API by hour and by who made them: what a budget of calls a day is held against. `taken` rows are calls that a
-- process has put aside for itself and not made yet; those of a process that vanished count until their hour is a day ago.
create table api_call (
    hour   timestamptz not null,
    caller text        not null,  -- lane NAME, a source's name, command NAME; taken
    calls  bigint      not null,
    primary key (hour, caller)
);
