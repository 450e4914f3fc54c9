"""A PostgreSQL of Houston's own. Whoever sets HOUSTON_DATABASE_URL never comes here."""

from houston.kernel.postgres.server import EmbeddedPostgres, address_of_running, start

__all__ = ["EmbeddedPostgres", "address_of_running", "start"]
