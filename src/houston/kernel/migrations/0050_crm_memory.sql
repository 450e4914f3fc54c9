-- What a CRM gave for a connection and goes on changing: tokens, its own ids of things. Sealed with the server's
-- key.

create table crm_memory (
    connection_id uuid not null references crm_connections on delete cascade,
    name text not null,
    sealed bytea not null,
    primary key (connection_id, name)
);

-- What a CRM sends may carry keys to it, so hooks are sealed too. `hook` is what came before this migration.
alter table crm_hooks alter column hook drop not null, add column sealed bytea;
