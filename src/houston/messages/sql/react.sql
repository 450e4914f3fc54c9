-- One author's reaction to one message: the last one by time stands, and of one time the one that comes last.
-- A row comes back when it was written and the message is here.
with before as (
    select emoji from reactions where chat_id = $1 and wire_id = $2 and author = $3
),
put as (
    insert into reactions as r (chat_id, wire_id, author, author_name, emoji, at)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (chat_id, wire_id, author) do update set
        author_name = excluded.author_name,
        emoji = excluded.emoji,
        at = excluded.at
    where excluded.at >= r.at
    returning chat_id, wire_id
)
select m.id, m.account_id, m.channel_id, m.chat_id, c.address, (select emoji from before) as emoji_before
from put
join messages m on m.chat_id = put.chat_id and m.wire_id = put.wire_id and m.kind = 0 and m.direction < 2
join chats c on c.id = m.chat_id
limit 1
