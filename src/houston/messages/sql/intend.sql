-- The fenced intent: these messages are about to leave, through this node and nobody else.
-- What is missing from the answer was cancelled, or the channel is no longer ours. The text is given once more,
-- because until now it could be changed.
with locked as (
    select m.id, m.channel_id from messages m where m.id = any($1) and m.open and m.status <= 1 order by m.id for update
)
update messages m
set status = 1, attempts = m.attempts + 1
from locked l
join unnest($1::uuid[], $2::uuid[], $3::bigint[]) as a (id, channel_id, fence) using (id)
join channel_gate g on g.id = l.channel_id and g.fence = a.fence and g.owner = $4
where m.id = l.id
returning m.id, m.attempts, m.body
