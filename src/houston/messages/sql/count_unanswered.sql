-- New messages of the other side wait for an answer; words of ours, typed on the phone, are one.
with locked as (
    select id from chats where id = any($1) order by id for update
)
update chats c
set unanswered = case when t.answered then t.since_answer else c.unanswered + t.since_answer end
from locked l
join unnest($1::uuid[], $2::int[], $3::bool[]) as t (chat_id, since_answer, answered) on t.chat_id = l.id
where c.id = l.id
