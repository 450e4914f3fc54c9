-- Windows into the console that a CRM opens for one of its users. A link opens once; what it opens is known by a
-- bearer. Both are stored as hashes only.

create table windows (
    id uuid primary key,
    account_id uuid not null references accounts,
    key_id uuid not null references api_keys,
    user_id text not null,
    user_name text not null,
    chats text[],
    roles jsonb,
    shown jsonb not null,
    link_hash bytea not null unique,
    link_expires_at timestamptz not null,
    bearer_hash bytea unique,
    expires_at timestamptz
);
create index on windows (account_id, link_expires_at);
comment on column windows.chats is 'The numbers of the chats that are shown; null is all.';
comment on column windows.roles is 'What the user is to which channel; null is a manager of all.';
comment on column windows.shown is 'What the CRM wants the page to know, as it said it.';
