-- The accounts that an account made for customers of its own, under the numbers by which it names them.

create table customers (
    number bigint generated always as identity primary key,
    account_id uuid not null references accounts,
    customer_id uuid not null unique references accounts,
    made_at timestamptz not null,
    closed_at timestamptz
);
create index customers_of on customers (account_id);
