-- What the feed says of how long an account's money lasts, so that it is told again only when it is another.

alter table books
    add column told_balance bigint,
    add column told_daily bigint,
    add column told_until timestamptz;
comment on column books.told_balance is 'Null when nothing was told yet.';
comment on column books.told_until is 'Null, with a balance, when the money lasts for ever.';
