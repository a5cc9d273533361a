-- The tables of an app that the example routes write to.
create table if not exists order_archive (
    order_id  text primary key,
    amount    numeric,
    customer  text,
    placed_at timestamptz,
    events    int not null
);

create table if not exists account_mirror (
    id      text primary key,
    name    text,
    phone   text,
    city    text,
    changes int not null
);

create table if not exists booking (
    opportunity_id text primary key,
    name           text,
    amount         numeric,
    notifications  int not null
);

create table if not exists contact_card (
    sfid    text primary key,
    name    text,
    phone   text,
    changes int not null
);

create table if not exists contact_refusal (
    log_id     bigint primary key,
    contact_id bigint not null,
    email      text,
    why        text,
    times      int not null
);

create table if not exists order_summary (
    day    date primary key,
    orders bigint not null,
    amount numeric not null
);
