-- Which message a notice became, so that it can be taken out of the queue of a channel that has stopped meanwhile.

alter table notices
    add column message_id uuid,
    add column turn integer not null default 0;
comment on column notices.message_id is 'Null when it is known to have left, or came by a route.';
comment on column notices.turn is 'How often it was taken back and given to another channel.';
create index notices_on_their_way on notices (via) where message_id is not null;
