-- Chats and messages, both ways.
--
-- `open` marks what still has to be sent and is the only volatile column in an index: `status` stays out of
-- every index and predicate, so that its updates can be heap-only.

create table chats (
    id uuid primary key,
    account_id uuid not null,
    channel_id uuid not null references channels,
    address text not null,
    name text,
    unanswered integer not null default 0,
    ours_first boolean not null,
    they_wrote boolean not null default false,
    last_at timestamptz not null,
    unique (channel_id, address)
) with (fillfactor = 80);
create index on chats (account_id, last_at desc);

-- A message is only ever written in the statement that makes sure of its channel and its chat, and neither is
-- ever deleted; checking both again for each message was a tenth of the work of accepting it.
create table messages (
    seq bigint generated always as identity,
    id uuid primary key,
    account_id uuid not null,
    channel_id uuid not null,
    chat_id uuid not null,
    direction smallint not null,
    kind smallint not null default 0,
    author text not null default '',
    author_name text,
    client_ref text,
    body jsonb not null,
    wire_id text,
    open boolean not null,
    status smallint not null,
    attempts integer not null default 0,
    not_before timestamptz,
    retrieved boolean not null default false,
    created_at timestamptz not null,
    sent_at timestamptz,
    delivered_at timestamptz,
    read_at timestamptz,
    edited_at timestamptz,
    deleted_at timestamptz,
    error_code text,
    error_text text
) with (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.01);

create index messages_queue on messages (channel_id, seq) where open;
create index messages_of_chat on messages (chat_id, created_at, seq);
-- The same message never twice, whatever WhatsApp repeats (law I1) ...
create unique index messages_once on messages (chat_id, author, wire_id) where wire_id is not null;
-- ... and whatever the caller repeats (law M6).
create unique index messages_once_per_ref on messages (channel_id, client_ref) where client_ref is not null;
