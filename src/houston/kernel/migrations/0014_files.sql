-- Files that go with messages. Their contents lie in a folder or a bucket, under the id.

create table files (
    id uuid primary key,
    account_id uuid not null references accounts,
    name text not null,
    mime text not null,
    -- Null until all of it has arrived.
    bytes bigint,
    link_hash bytea not null,
    created_at timestamptz not null
);
create index on files using brin (created_at);
create index on files (created_at) where bytes is null;
