"""What every slice stands on: time, ids, errors, facts, the feed, the database."""
