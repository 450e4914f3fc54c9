-- Channels: what people want, what WhatsApp says, who holds the link.
--
-- `state` is the whole State of channels/status.py. `status` and `accepting` are read off it
-- and written in the same statement; nobody sets them by themselves.

create table channels (
    id uuid primary key,
    account_id uuid not null references accounts,
    name text not null,
    phone text not null,
    transport text not null,
    state jsonb not null,
    status text not null,
    accepting boolean not null,
    evidence_at timestamptz,
    owner bigint,
    fence bigint not null default 0,
    qr_code text,
    qr_until timestamptz,
    pacing_per_minute integer,
    catch_up_expected integer,
    catch_up_retrieved integer,
    caught_up_at timestamptz,
    created_at timestamptz not null
) with (fillfactor = 50);

create index on channels (account_id);
create index on channels (owner) where accepting;
-- A number opened twice fights itself (law S13), whoever the two owners are.
create unique index channels_one_per_number on channels (transport, phone) where status <> 'DELETED';

create table channel_credentials (
    channel_id uuid primary key references channels,
    credentials bytea not null,
    stored_at timestamptz not null
);

create table channel_history (
    id bigint generated always as identity primary key,
    channel_id uuid not null references channels,
    at timestamptz not null,
    old text not null,
    new text not null,
    reason text not null,
    detail text,
    actor text not null,
    evidence_at timestamptz
);
create index on channel_history (channel_id, at);

-- What other slices may know of a channel inside their own statements.
create view channel_gate as
    select
        id, account_id, name, phone, transport, status, state ->> 'since' as status_since, accepting, owner, fence,
        pacing_per_minute
    from channels;
