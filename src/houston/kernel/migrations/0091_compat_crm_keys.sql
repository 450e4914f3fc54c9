-- The key that a CRM handed over before its webhook had an address. The address takes it along.

create table crm_keys (
    account_id uuid primary key references accounts,
    sealed bytea not null
);
