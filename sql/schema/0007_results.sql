-- Rows of one message that are made together, and what became of deliveries, as routes are told of it. See README.md.

-- Rows of a route with `together: yes`: the transaction that wrote them. A message that ran twice, after a rewind, has two lots of rows,
-- and the two are not one call. Only such rows are in the index, which finds the rest of a lot by one of them.
alter table outbox add column together bigint;
create index outbox_together on outbox (lane, inbox_id, together) where together is not null;

-- How often a person redrove it: what fails again after that has failed anew, and is told anew.
alter table failure add column redrives int not null default 0;

-- What marks the rows of a message as one lot. A call of the org takes 200 records, so a message with more is at fault itself.
create function together(row_of_message bigint) returns bigint
language plpgsql volatile as $$
begin
    if row_of_message > 200 then
        raise exception 'The message yields more than 200 rows, and `together: yes` sends them in one call, which takes 200; yield fewer, or remove the line.'
            using errcode = 'P0001';
    end if;
    return pg_current_xact_id()::text::bigint;
end $$;
