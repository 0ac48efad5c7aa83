"""Django's PostgreSQL backend with a pool that hands out no connection to a server that has gone."""
