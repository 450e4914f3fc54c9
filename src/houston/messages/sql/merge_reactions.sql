-- Reactions of the chat $1 of the hidden address $4 go to the chat $2 of the number $3; the later one stands.
with moved as (
    delete from reactions where chat_id = $1 returning *
)
insert into reactions as r (chat_id, wire_id, author, author_name, emoji, at)
select distinct on (wire_id, case when author = $4 then $3 else author end)
    $2, wire_id, case when author = $4 then $3 else author end, author_name, emoji, at
from moved
order by wire_id, case when author = $4 then $3 else author end, at desc
on conflict (chat_id, wire_id, author) do update set
    author_name = excluded.author_name,
    emoji = excluded.emoji,
    at = excluded.at
where excluded.at > r.at
