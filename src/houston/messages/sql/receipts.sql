-- Receipts of the other side. A receipt proves the sending, so it also closes a message that still waited
-- for its acknowledgement. Only messages that really move are returned, with where they stood before.
with heard as (
    select chat_id, wire_id, max(status) as status, min(at) as at, min(at) filter (where status = 7) as read_at
    from unnest($1::uuid[], $2::text[], $3::smallint[], $4::timestamptz[]) as r (chat_id, wire_id, status, at)
    group by chat_id, wire_id
),
behind as (
    -- Locked first, so that an acknowledgement that is written at this very moment is seen.
    select m.id, m.status as status_before, h.status, h.at, h.read_at
    from messages m
    join heard h on h.chat_id = m.chat_id and h.wire_id = m.wire_id
    where m.author = '' and m.status < h.status
    order by m.id
    for update of m
)
update messages m
set
    status = b.status,
    open = false,
    sent_at = coalesce(m.sent_at, b.at),
    delivered_at = case when b.status > 3 then coalesce(m.delivered_at, b.at) else m.delivered_at end,
    read_at = coalesce(m.read_at, b.read_at),
    error_code = null,
    error_text = null
from behind b, chats c
where m.id = b.id and c.id = m.chat_id
returning m.id, m.account_id, m.channel_id, m.chat_id, m.kind, c.address, m.client_ref, m.status, b.status_before,
    b.at, m.read_at
