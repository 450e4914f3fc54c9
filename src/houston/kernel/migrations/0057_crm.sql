-- Whether a chat that a CRM tells of is known.

create index on crm_chats (connection_id, theirs);
