-- The feed: every fact, in the order in which followers may read it.
--
-- A follower reads (era, xid, seq) > its cursor and xid below the oldest running transaction. Reading by
-- seq alone loses facts, because a transaction may commit after one that began later.
-- `era` is raised whenever transaction ids may start again (restore from a dump, asynchronous failover).

create table feed_era (
    only_row boolean primary key default true check (only_row),
    era integer not null
);
insert into feed_era (era) values (1);

create table events (
    era integer not null,
    xid xid8 not null default pg_current_xact_id(),
    seq bigint generated always as identity,
    at timestamptz not null,
    account_id uuid not null,
    channel_id uuid,
    kind text not null,
    body jsonb not null,
    primary key (era, xid, seq)
);

create table cursors (
    follower text primary key,
    era integer not null,
    xid xid8 not null,
    seq bigint not null,
    moved_at timestamptz not null
);
