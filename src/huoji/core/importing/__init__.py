"""Importing tables of others: which column means what, how its cells are read, and what a row then says."""
