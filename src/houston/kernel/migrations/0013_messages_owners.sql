-- Whose a chat is: a seller sees their own and those of nobody yet.

alter table chats add column owner_id uuid;
