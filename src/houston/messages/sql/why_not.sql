-- For messages that were not stored: the earlier message of the same reference, and what the gate said.
select
    a.n,
    g.status as channel_status,
    g.accepting,
    m.id as first_id,
    m.chat_id as first_chat_id,
    m.created_at as first_at
from unnest($1::uuid[], $2::uuid[], $3::text[]) with ordinality as a (account_id, channel_id, client_ref, n)
left join channel_gate g on g.id = a.channel_id and g.account_id = a.account_id
left join messages m on m.channel_id = g.id and m.client_ref = a.client_ref
order by a.n
