-- People who sign in, what each may do where, and what keys may do. Secrets are stored as hashes only.

create table people (
    id uuid primary key,
    account_id uuid not null references accounts,
    name text not null,
    email text not null,
    password_hash text,
    role text,
    created_at timestamptz not null,
    removed_at timestamptz
);
-- Only within an account: else adding somebody would tell of the people of others.
create unique index people_once on people (account_id, email) where removed_at is null;
create index people_by_email on people (email) where removed_at is null;

-- Where somebody's role differs from the one on all other channels.
create table people_roles (
    person_id uuid not null references people,
    channel_id uuid not null references channels,
    role text not null,
    primary key (person_id, channel_id)
);

create table sign_ins (
    hash bytea primary key,
    person_id uuid not null references people,
    address text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index on sign_ins (person_id);

create table sign_in_tries (
    subject text primary key,
    failures integer not null,
    last_at timestamptz not null
);

create table invitations (
    hash bytea primary key,
    person_id uuid not null references people,
    expires_at timestamptz not null
);
create index on invitations (person_id);

-- Keys that were made before there were scopes may do what they could.
alter table api_keys add column scopes text[] not null
    default '{read,write,steer,set_up,pay,administer}';

-- What somebody did, the newest first, without looking through the messages.
create index events_by_actor on events (account_id, era, xid, seq) where body ? 'actor';
