-- Accounts and the keys that open them. A key is stored as a hash only.

create table accounts (
    id uuid primary key,
    name text not null,
    created_at timestamptz not null
);

create table api_keys (
    id uuid primary key,
    account_id uuid not null references accounts,
    name text not null,
    hash bytea not null unique,
    created_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
);
create index on api_keys (account_id);
