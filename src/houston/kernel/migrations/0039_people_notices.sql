-- When curators of an account are told: how long a passing trouble may last, and how many days before the money ends.

alter table accounts
    add column notice_delay_minutes integer not null default 3 check (notice_delay_minutes between 0 and 1440),
    add column warning_days integer[] not null default '{1,3,7}';
