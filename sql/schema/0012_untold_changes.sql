-- A gap of records of which the org told that they changed, and not how. They are read again, and then it is healed: `records` are
-- those that are still to be read. What caused the change causes what is told of them.
alter table gap
    add column object  text,
    add column records text[],
    add column origin  text,
    add column hops    smallint not null default 0;
