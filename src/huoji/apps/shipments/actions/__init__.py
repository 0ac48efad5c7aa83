"""Verbs of shipments: the only code that writes its tables."""
