-- Accept a batch: store what the channel's gate lets through and what is not there yet, and make its chats.
-- Answers with the place in the batch of what was stored, and whether its chat was there before. What is
-- missing was refused, or is a repeat; `why_not.sql` tells which.
with asked as (
    select *
    from unnest(
        $1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::smallint[], $7::text[], $8::text[],
        $9::jsonb[], $10::text[], $11::bool[]
    ) with ordinality as a (
        id, account_id, channel_id, chat_id, address, kind, author_name, client_ref, body, wire_id, clears, n
    )
),
admitted as (
    select a.*, g.status as channel_status, case when g.status = 'SCAN_QR' then g.status_since end as scan_since
    from asked a
    join channel_gate g on g.id = a.channel_id and g.account_id = a.account_id and g.accepting
),
chatted as (
    insert into chats as c (id, account_id, channel_id, address, ours_first, last_at)
    select distinct on (chat_id) chat_id, account_id, channel_id, address, true, $12::timestamptz
    from admitted
    order by chat_id
    on conflict (id) do nothing
    returning id
),
stored as (
    insert into messages (
        id, account_id, channel_id, chat_id, direction, kind, author_name, client_ref, body, wire_id, open,
        status, created_at
    )
    select
        id, account_id, channel_id, chat_id, 1, kind, author_name, client_ref, body, wire_id, true, 0, $12
    from admitted
    order by n
    on conflict do nothing
    returning id
)
select a.n, a.channel_status, a.scan_since, chatted.id is null as known_chat
from stored
join admitted a using (id)
left join chatted on chatted.id = a.chat_id
