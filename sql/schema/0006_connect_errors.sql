-- What the inbox was told of Heroku Connect's failures. See README.md for the states of a row.

-- A row of Connect's trigger log that stands at FAILED or READONLY and is a message already. There is no watermark that would do
-- instead: a row fails long after its id and transaction were drawn, moves to the archive, and may fail again under the same id.
create table connect_error (
    schema_name text        not null,  -- of the connection
    id          bigint      not null,  -- of the row; it begins anew with the add-on, so the next column belongs to it
    captured_at timestamptz not null,
    told        bigint      not null,  -- a hash of state, time and text of the failure: another one is another failure
    gone_at     timestamptz,           -- since when the row is in neither log nor archive
    primary key (schema_name, id, captured_at)
);

-- A route's statement runs as any app's would: what another session left in a pooled connection does not count, and where Heroku Connect
-- is, `public` is in the search path, since its triggers call public.get_xmlbinary() by its bare name. `hex` in xmlbinary means that
-- Connect itself writes, so a write under it would never reach the org. No SET clause here: it would take the path back. The catalog is
-- asked, since to_regprocedure() fails for whoever may not use `public`.
create function as_app() returns void
language plpgsql as $$
begin
    if pg_catalog.current_setting('xmlbinary') <> 'base64' then
        reset xmlbinary;
    end if;
    if not 'public' = any (pg_catalog.current_schemas(false))
        and exists (select from pg_catalog.pg_proc where proname = 'get_xmlbinary' and pronamespace = any (array(select oid from pg_catalog.pg_namespace where nspname = 'public'))) then
        perform pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', nullif(pg_catalog.current_setting('search_path'), ''), 'public'), true);
    end if;
end $$;
