-- Receipts of the other side. A receipt proves the sending, so it also closes a message that still waited
-- for its acknowledgement. Only messages that really move are returned.
with heard as (
    select chat_id, wire_id, max(status) as status, min(at) as at
    from unnest($1::uuid[], $2::text[], $3::smallint[], $4::timestamptz[]) as r (chat_id, wire_id, status, at)
    group by chat_id, wire_id
)
update messages m
set
    status = h.status,
    open = false,
    sent_at = coalesce(m.sent_at, h.at),
    delivered_at = coalesce(m.delivered_at, h.at),
    read_at = case when h.status = 6 then coalesce(m.read_at, h.at) else m.read_at end,
    error_code = null,
    error_text = null
from heard h, chats c
where m.chat_id = h.chat_id and m.author = '' and m.wire_id = h.wire_id and m.status < h.status and c.id = m.chat_id
returning m.id, m.account_id, m.channel_id, m.chat_id, c.address, m.client_ref, m.status, h.at
