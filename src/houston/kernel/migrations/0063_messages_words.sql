-- The words of messages, to be found by their beginnings. Built by whoever writes a message: why so, and what it
-- costs, in docs/why/search.md. Long texts are found by their first part; a vector of words has an end.

create function message_words(body jsonb) returns tsvector language sql immutable parallel safe as $$
    select to_tsvector('pg_catalog.simple', left(body ->> 'text', 10000))
$$;

create index messages_words on messages using gin (message_words(body)) where kind = 0;
