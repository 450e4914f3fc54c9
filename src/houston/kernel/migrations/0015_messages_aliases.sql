-- A person on WhatsApp has a hidden address besides the phone number. Once both are known to be of one person,
-- the chat of the one is the chat of the other. `merged_id` is what the hidden one's chat was, or would be.

create table chat_aliases (
    merged_id uuid primary key,
    channel_id uuid not null,
    hidden text not null,
    chat_id uuid not null,
    address text not null,
    merged_at timestamptz not null
);
create index on chat_aliases (chat_id);
