-- Outcomes of attempts. Facts are neither fenced nor turned back: what is further along stays there.
update messages m
set
    status = case when s.open and m.open then s.status else greatest(m.status, s.status) end,
    open = m.open and s.open,
    not_before = s.not_before,
    sent_at = case when s.status = 3 then coalesce(m.sent_at, s.at) else m.sent_at end,
    wire_id = coalesce(s.wire_id, m.wire_id),
    error_code = case when s.status = 3 then null else s.error_code end,
    error_text = case when s.status = 3 then null else s.error_text end
from unnest(
    $1::uuid[], $2::smallint[], $3::bool[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[], $8::text[]
) as s (id, status, open, at, not_before, error_code, error_text, wire_id)
where m.id = s.id and m.status < case when s.open then 2 else s.status end
returning m.id
