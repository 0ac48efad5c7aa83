"""The tables of shipments."""
