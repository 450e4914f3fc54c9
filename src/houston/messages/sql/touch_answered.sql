-- Chats that were just written to: they move up, and an answer clears their counter.
update chats c
set last_at = $3, unanswered = case when t.clears then 0 else c.unanswered end
from (
    select chat_id, bool_or(clears) as clears
    from unnest($1::uuid[], $2::bool[]) as u (chat_id, clears)
    group by chat_id
    order by chat_id
) t
where c.id = t.chat_id
