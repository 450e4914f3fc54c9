-- Reactions: the emoji of each author on a message. Taken off, a row stays without one, so that an older emoji
-- that comes late does not come back. Named as the wire names the message: one that is not here yet, or whose id
-- is still to be learnt, loses nothing.

create table reactions (
    chat_id uuid not null,
    wire_id text not null,
    author text not null,
    author_name text,
    emoji text,
    at timestamptz not null,
    primary key (chat_id, wire_id, author)
);

-- What was asked of a channel's own reactions. `kind` never changes, so this costs other messages nothing.
create index messages_reacting on messages (chat_id) where kind = 3;
