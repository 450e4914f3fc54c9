-- Curators, what is wrong at this moment, and the notices that tell it.
--
-- A notice is written in the transaction that moves the follower's cursor. The channel it goes through is
-- noted before it is sent, so that a repeat says the same thing in the same place and is recognised.

create table curators (
    id uuid primary key,
    account_id uuid not null references accounts,
    name text not null,
    phone text not null,
    channels uuid[],
    wants text[] not null,
    language text not null,
    time_zone text not null,
    quiet_from time,
    quiet_until time check ((quiet_from is null) = (quiet_until is null)),
    after_minutes integer not null check (after_minutes >= 0),
    routes text[] not null,
    created_at timestamptz not null
);
create index on curators (account_id);
comment on column curators.channels is 'Null is all of the account.';
comment on column curators.after_minutes is 'Told only if nobody has acknowledged the incident by then.';

create table incidents (
    channel_id uuid primary key references channels,
    account_id uuid not null references accounts,
    id uuid not null,
    state jsonb not null,
    wake_at timestamptz
);
create index on incidents (wake_at) where wake_at is not null;

create table purses (
    account_id uuid primary key references accounts,
    state jsonb not null,
    wake_at timestamptz
);
create index on purses (wake_at) where wake_at is not null;

create table notices (
    id uuid primary key,
    account_id uuid not null references accounts,
    curator_id uuid not null references curators on delete cascade,
    channel_id uuid references channels,
    incident_id uuid,
    kind text not null,
    text text not null,
    at timestamptz not null,
    due_at timestamptz not null,
    open boolean not null default true,
    via uuid references channels,
    way text,
    sent_at timestamptz,
    attempts integer not null default 0,
    error text
);
create index on notices (due_at, id) where open;
create index on notices (curator_id, at);
create index on notices (via, sent_at) where via is not null;
