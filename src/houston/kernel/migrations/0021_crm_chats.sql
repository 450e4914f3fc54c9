-- Some CRMs tell what was missed only chat by chat: which chats there are, with whom, and which are alive.

alter table crm_chats
    add column address text not null default '',
    add column used_at timestamptz not null default 'epoch';
create index on crm_chats (connection_id, used_at);
