-- Gaps: stretches of time of which messages may be missing and cannot be fetched any more.

create table gaps (
    channel_id uuid not null references channels,
    since timestamptz not null,
    until timestamptz not null,
    noted_at timestamptz not null,
    primary key (channel_id, since, until)
);
