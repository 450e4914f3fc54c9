-- What a CRM keeps here in Wazzup's dialect, under ids of its own: its users, contacts, deals and pipelines.

create table crm_users (
    account_id uuid not null references accounts,
    id text collate "C" not null,
    name text not null,
    phone text,
    primary key (account_id, id)
);
create unique index crm_users_phone on crm_users (account_id, phone);

-- What a user is to a channel, and whether they get those who write for the first time.
create table crm_roles (
    account_id uuid not null,
    user_id text collate "C" not null,
    channel_id uuid not null references channels,
    role text not null,
    gets_new boolean not null,
    primary key (account_id, user_id, channel_id),
    foreign key (account_id, user_id) references crm_users on delete cascade
);

-- `chats` are the numbers in `contact_data` that are chats of WhatsApp.
create table crm_contacts (
    account_id uuid not null references accounts,
    id text collate "C" not null,
    responsible_user_id text not null,
    name text not null,
    contact_data jsonb not null,
    uri text,
    chats text[] not null,
    primary key (account_id, id)
);
create index crm_contacts_chats on crm_contacts using gin (chats);

create table crm_deals (
    account_id uuid not null references accounts,
    id text collate "C" not null,
    responsible_user_id text not null,
    name text not null,
    uri text not null,
    contacts text[] not null,
    closed boolean not null,
    primary key (account_id, id)
);
create index crm_deals_contacts on crm_deals using gin (contacts);

create table crm_pipelines (
    account_id uuid not null references accounts,
    id text collate "C" not null,
    name text not null,
    stages jsonb not null,
    primary key (account_id, id)
);

-- What the CRM was asked to make of a person who wrote: a contact, or a deal for one. Once is enough.
create table crm_asked (
    account_id uuid not null references accounts,
    kind text not null,
    subject text not null,
    user_id text,
    at timestamptz not null,
    primary key (account_id, kind, subject)
);
