"""The tables of places."""
