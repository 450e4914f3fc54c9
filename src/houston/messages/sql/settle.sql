-- Outcomes of attempts. Facts are neither fenced nor turned back: what is further along stays there.
-- Only "it did not leave, it goes out again" is about the very attempt: of an earlier one it says nothing any more.
-- Rows are locked in the order of their ids, as everywhere, so that no two statements wait for each other.
with tried as (
    select *
    from unnest(
        $1::uuid[], $2::int[], $3::smallint[], $4::bool[], $5::timestamptz[], $6::timestamptz[], $7::text[],
        $8::text[], $9::text[]
    ) as s (id, attempt, status, open, at, not_before, error_code, error_text, wire_id)
),
locked as (
    select id, status, open, attempts from messages where id = any($1) order by id for update
)
update messages m
set
    status = case when s.open and l.open then s.status else greatest(l.status, s.status) end,
    open = l.open and s.open,
    not_before = s.not_before,
    sent_at = case when s.status = 3 then coalesce(m.sent_at, s.at) else m.sent_at end,
    wire_id = coalesce(s.wire_id, m.wire_id),
    error_code = case when s.status = 3 then null else s.error_code end,
    error_text = case when s.status = 3 then null else s.error_text end
from locked l
join tried s using (id)
where m.id = l.id
    and l.status < case when s.open then 2 else s.status end
    and (not s.open or l.attempts = s.attempt)
returning m.id
