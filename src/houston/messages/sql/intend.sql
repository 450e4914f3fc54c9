-- The fenced intent: these messages are about to leave, through this node and nobody else.
-- What is missing from the answer was cancelled, or the channel is no longer ours.
update messages m
set status = 1, attempts = m.attempts + 1
from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as a (id, channel_id, fence)
join channel_gate g on g.id = a.channel_id and g.fence = a.fence and g.owner = $4
where m.id = a.id and m.open and m.status <= 1
returning m.id, m.attempts
