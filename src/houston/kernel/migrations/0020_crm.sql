-- Connections to CRMs: what came from them, what has to be told to them, and which ids mean the same.
--
-- A hook is stored before the CRM is answered, because no CRM sends it twice. An errand is what the CRM has
-- to be told; errands of one chat leave in the order of `seq`.

create table crm_connections (
    id uuid primary key,
    account_id uuid not null references accounts,
    kind text not null,
    name text not null,
    channels uuid[] not null,
    settings jsonb not null,
    -- The secrets, sealed with the server's key.
    secrets bytea not null,
    -- Of the random part of the address that the CRM calls.
    hook_hash bytea not null unique,
    enabled boolean not null default true,
    state text not null default 'untried',
    state_since timestamptz not null,
    error text,
    error_at timestamptz,
    fails integer not null default 0,
    retry_at timestamptz,
    -- Everything that operators wrote before this moment is known here.
    reconciled_at timestamptz not null,
    reconcile boolean not null default true,
    held_by bigint,
    held_until timestamptz,
    created_at timestamptz not null
);
create index on crm_connections (account_id);

create table crm_hooks (
    seq bigint generated always as identity primary key,
    connection_id uuid not null references crm_connections on delete cascade,
    hook jsonb not null,
    proven boolean not null,
    received_at timestamptz not null,
    open boolean not null default true,
    error text
);
create index on crm_hooks (connection_id, seq) where open;

create table crm_errands (
    seq bigint generated always as identity primary key,
    connection_id uuid not null references crm_connections on delete cascade,
    channel_id uuid not null,
    chat_id uuid not null,
    address text not null,
    kind text not null,
    what jsonb not null,
    open boolean not null default true,
    attempts integer not null default 0,
    not_before timestamptz,
    error text,
    created_at timestamptz not null
);
create index on crm_errands (connection_id, seq) where open;

create table crm_chats (
    connection_id uuid not null references crm_connections on delete cascade,
    chat_id uuid not null,
    theirs text not null,
    contact text not null default '',
    primary key (connection_id, chat_id)
);

-- `message_id` is null for a message that Houston refused: it never existed, but it was answered.
create table crm_messages (
    connection_id uuid not null references crm_connections on delete cascade,
    theirs text not null,
    message_id uuid,
    unique (connection_id, message_id)
);
create index on crm_messages (connection_id, theirs);
