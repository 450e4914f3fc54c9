-- New messages of the other side wait for an answer; words of ours, typed on the phone, are one.
update chats c
set unanswered = case when t.answered then t.since_answer else c.unanswered + t.since_answer end
from unnest($1::uuid[], $2::int[], $3::bool[]) as t (chat_id, since_answer, answered)
where c.id = t.chat_id
