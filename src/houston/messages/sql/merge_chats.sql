-- The chat of a hidden address becomes part of the chat of the number: $1 of $4 goes into $2 of $3.
-- What both have is one message that was heard under either address, and stays once.
with locked as (
    select id from chats where id in ($1, $2) order by id for update
),
old as (
    delete from chats where id = $1 and id in (select id from locked) returning *
),
doubles as (
    delete from messages o
    using messages n
    where o.chat_id = $1
        and n.chat_id = $2
        and o.wire_id = n.wire_id
        and (o.author = n.author or o.author = $4 and n.author = $3)
    returning o.id, o.direction
),
moved as (
    update messages m
    set chat_id = $2, author = case when m.author = $4 then $3 else m.author end
    where m.chat_id = $1 and m.id not in (select id from doubles)
)
insert into chats as c (
    id, account_id, channel_id, address, name, unanswered, ours_first, they_wrote, last_at, owner_id
)
select $2, account_id, channel_id, $3, name, unanswered, ours_first, they_wrote, last_at, owner_id
from old
on conflict (id) do update set
    name = coalesce(c.name, excluded.name),
    unanswered = greatest(
        0, c.unanswered + excluded.unanswered - (select count(*)::int from doubles where direction = 0)
    ),
    ours_first = c.ours_first and excluded.ours_first,
    they_wrote = c.they_wrote or excluded.they_wrote,
    last_at = greatest(c.last_at, excluded.last_at),
    owner_id = coalesce(c.owner_id, excluded.owner_id)
returning account_id
