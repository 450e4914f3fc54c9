-- Price plans: what a channel costs for a day, under a name, and which account has agreed to which, and when.
--
-- Both are only ever added to: a price that was agreed stays what it was, a dearer one is another plan. Who has
-- chosen none, or none any more, has the plan of the settings, which is not in here.

create table plans (
    name text primary key,
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    price bigint not null check (price >= 0),
    trial_days integer not null check (trial_days >= 0),
    made_at timestamptz not null,
    actor text not null
);
comment on column plans.price is 'Of a channel and a day.';

create table plan_choices (
    account_id uuid not null references books,
    number integer not null,
    plan text references plans,
    since date not null,
    at timestamptz not null,
    actor text not null,
    primary key (account_id, number)
);
comment on column plan_choices.plan is 'Null is the plan of the settings.';
comment on column plan_choices.since is 'The first day that costs so much.';

create trigger never_changed before update or delete on plans
    for each row execute function money_is_never_changed();
create trigger never_emptied before truncate on plans
    for each statement execute function money_is_never_changed();
create trigger never_changed before update or delete on plan_choices
    for each row execute function money_is_never_changed();
create trigger never_emptied before truncate on plan_choices
    for each statement execute function money_is_never_changed();

-- Prices that accounts had of their own become plans.
insert into plans (name, currency, price, trial_days, made_at, actor)
    select distinct on (currency, price)
        format('%s %s', price, currency), currency, price, 0, now(), 'houston'
    from books where price is not null;
insert into plan_choices (account_id, number, plan, since, at, actor)
    select account_id, 1, format('%s %s', price, currency), (opened_at at time zone 'utc')::date, now(), 'houston'
    from books where price is not null;
comment on column books.price is 'Read by versions before plans alone, which may still run beside.';
