"""The tables of the shared shell."""
