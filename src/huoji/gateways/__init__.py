"""Doors to machines: one process each, sockets here, formats in wire, writes through the actions of apps."""
