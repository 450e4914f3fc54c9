-- Templates: texts that an account keeps for whoever answers its chats.

create table templates (
    id uuid primary key,
    account_id uuid not null references accounts,
    name text not null,
    text text not null,
    created_at timestamptz not null
);
create unique index templates_name on templates (account_id, lower(name));
comment on table templates is 'Put into the field by a person. Not the approved templates of the Cloud API.';
