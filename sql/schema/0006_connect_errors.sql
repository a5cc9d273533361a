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
