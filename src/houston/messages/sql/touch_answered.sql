-- Chats that were just written to: they move up, and an answer clears their counter.
with touched as (
    select chat_id, bool_or(clears) as clears
    from unnest($1::uuid[], $2::bool[]) as u (chat_id, clears)
    group by chat_id
),
locked as (
    select id from chats where id = any($1) and last_at < $3 order by id for update
)
update chats c
set last_at = $3, unanswered = case when t.clears then 0 else c.unanswered end
from locked l
join touched t on t.chat_id = l.id
where c.id = l.id
