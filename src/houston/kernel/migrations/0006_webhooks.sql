-- Addresses of integrators, and every try to reach them.

create table endpoints (
    id uuid primary key,
    account_id uuid not null references accounts,
    dialect text not null,
    url text not null,
    kinds text[] not null,
    secret text,
    era integer not null,
    xid xid8 not null,
    seq bigint not null,
    fails integer not null default 0,
    first_failed_at timestamptz,
    retry_at timestamptz,
    paused_at timestamptz,
    owner bigint,
    created_at timestamptz not null
);
-- The Wazzup dialect knows one address for an account; native endpoints will be told apart by a dialect of their own.
create unique index endpoints_one_per_dialect on endpoints (account_id, dialect);

create table attempts (
    id bigint generated always as identity primary key,
    endpoint_id uuid not null references endpoints on delete cascade,
    at timestamptz not null,
    kind text not null,
    items integer not null,
    answer_code integer,
    answer_start text,
    error text,
    took_ms integer not null,
    next_try_at timestamptz,
    era integer not null,
    xid xid8 not null,
    seq bigint not null
);
create index on attempts (endpoint_id, id);

create table dead_letters (
    id bigint generated always as identity primary key,
    endpoint_id uuid not null references endpoints on delete cascade,
    at timestamptz not null,
    body jsonb not null,
    error text not null
);
create index on dead_letters (endpoint_id, id);
