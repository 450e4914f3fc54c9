-- A link to a channel's code, for whoever holds its phone. A channel has one: a new one takes the place of the old.
-- Its token is stored as a hash only, and whoever made it must still be allowed to scan.

create table code_links (
    channel_id uuid primary key references channels,
    id uuid not null,
    hash bytea not null unique,
    person_id uuid,
    key_id uuid,
    expires_at timestamptz not null,
    opened_at timestamptz,
    used_at timestamptz,
    check (num_nonnulls(person_id, key_id) = 1)
);
comment on column code_links.used_at is 'When the channel was paired: from then on the link shows no codes.';
