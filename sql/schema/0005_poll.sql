-- Tables that are read from time to time, for whoever may not add triggers to them; and reloads that somebody tells of.

alter table watch
    add mode          text not null default 'capture',
    add floor         text[],       -- poll: what is stamped later is read in every pass; a stamp in UTC, then the key's columns
    add position      text[],       -- poll: where reading goes on; the floor between two passes
    add mark          text[],       -- poll: the next floor, as far as a pass had come
    add mark_at       timestamptz,  -- when it had: the floor follows as soon as this is long enough ago for whoever commits late
    add reconciled_at timestamptz,  -- poll: when all of the table was last compared; NULL: now is the time
    add reload_until  timestamptz,  -- somebody who knows says that it is being reloaded, or was: past that moment it is over
    add constraint watch_mode check (mode in ('capture', 'poll')),
    drop constraint watch_due,
    -- fill: the baseline is to be written; reconcile: changes may have been missed; renew: the same, and the baseline is none any more
    add constraint watch_due check (due in ('fill', 'reconcile', 'renew'));
