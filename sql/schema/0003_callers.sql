-- A caller's session, while deliveries are to be made as that caller: encrypted, and short-lived. Its messages and deliveries hold
-- the id alone, in columns of their own: a payload stays what was sent, so that a repeated request is known as the same.
create table caller (
    id         uuid        primary key,
    user_id    text        not null,
    token      bytea       not null,  -- AES-256-GCM under BRIDGE_ENCRYPTION_KEY: nonce, cipher text, tag; bound to the id and the user
    expires_at timestamptz not null
);

alter table inbox  add column caller uuid;
alter table outbox add column caller uuid;  -- made as this caller; all zeros: as a caller that the message came without

create index inbox_by_caller  on inbox  (caller) where caller is not null;
create index outbox_by_caller on outbox (caller) where caller is not null;
