-- Money: how each account stands, and the ledger, which is only ever added to.
--
-- The last lines keep the promises in the database itself: nothing is changed or taken away, each entry
-- goes on where the one before ended, and no day of a channel is charged twice.

create table books (
    account_id uuid primary key references accounts,
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    price bigint check (price >= 0),
    trial_ends date not null,
    charged_day date,
    due boolean not null default true,
    paid boolean not null default true,
    promised_until timestamptz,
    balance bigint not null default 0,
    entries integer not null default 0,
    opened_at timestamptz not null
) with (fillfactor = 70);
comment on column books.price is 'Of a channel and a day; null is the price of the server.';

create table ledger (
    account_id uuid not null references books,
    number integer not null,
    at timestamptz not null,
    kind text not null,
    debit text not null check (debit in ('customer', 'payments', 'sales')),
    credit text not null check (credit in ('customer', 'payments', 'sales') and credit <> debit),
    amount bigint not null check (amount > 0),
    balance bigint not null,
    day date,
    ref text,
    note text not null,
    actor text not null,
    primary key (account_id, number)
);
create unique index ledger_once_per_ref on ledger (account_id, ref) where ref is not null;
create index ledger_by_ref on ledger (ref) where ref is not null;

create table charges (
    channel_id uuid not null,
    day date not null,
    account_id uuid not null,
    amount bigint not null check (amount >= 0),
    entry integer,
    primary key (channel_id, day),
    foreign key (account_id, entry) references ledger
);

-- What billing may know of a channel.
create view channel_money as
    select
        id, account_id, status not in ('DELETED', 'DISABLED') as wanted, (state ->> 'paid')::boolean as paid
    from channels;

create function money_is_never_changed() returns trigger language plpgsql as $$
begin
    raise exception '% is only ever added to', tg_table_name using errcode = 'integrity_constraint_violation';
end $$;

create trigger never_changed before update or delete on ledger
    for each row execute function money_is_never_changed();
create trigger never_emptied before truncate on ledger
    for each statement execute function money_is_never_changed();
create trigger never_changed before update or delete on charges
    for each row execute function money_is_never_changed();
create trigger never_emptied before truncate on charges
    for each statement execute function money_is_never_changed();

create function ledger_goes_on() returns trigger language plpgsql as $$
declare
    was record;
begin
    select number, balance into was from ledger
        where account_id = new.account_id order by number desc limit 1;
    if new.number <> coalesce(was.number, 0) + 1 or new.balance <> coalesce(was.balance, 0)
        + (case 'customer' when new.credit then new.amount when new.debit then -new.amount else 0 end)
    then
        raise exception 'entry % does not go on where the ledger ended', new.number
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;

create trigger goes_on before insert on ledger for each row execute function ledger_goes_on();
