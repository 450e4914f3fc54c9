-- Addresses of integrators, and every try to reach them.
--
-- An endpoint has one owner among the nodes, as a channel has. Its fence rises with every claim and with every change
-- that people make, which also takes the owner off it: the next claim, a moment later, serves it as it is then.

create table endpoints (
    id uuid primary key,
    account_id uuid not null references accounts,
    dialect text not null,
    sole boolean not null,
    url text not null,
    kinds text[] not null,
    secret text,
    era integer not null,
    xid xid8 not null,
    seq bigint not null,
    fails integer not null default 0,
    refusals integer not null default 0,
    first_failed_at timestamptz,
    retry_at timestamptz,
    paused_at timestamptz,
    owner bigint,
    fence bigint not null default 0,
    created_at timestamptz not null
) with (fillfactor = 50);
create index on endpoints (account_id);
-- Some dialects know one address for an account.
create unique index endpoints_sole on endpoints (account_id, dialect) where sole;

create table attempts (
    id bigint generated always as identity primary key,
    endpoint_id uuid not null references endpoints on delete cascade,
    at timestamptz not null,
    kind text not null,
    items integer not null,
    answer_code integer,
    answer_start text not null,
    error text,
    took_ms integer not null,
    next_try_at timestamptz,
    era integer not null,
    xid xid8 not null,
    seq bigint not null
);
create index on attempts (endpoint_id, id);
create index on attempts using brin (at);

create table dead_letters (
    id bigint generated always as identity primary key,
    endpoint_id uuid not null references endpoints on delete cascade,
    at timestamptz not null,
    body jsonb not null,
    error text not null
);
create index on dead_letters (endpoint_id, id);
