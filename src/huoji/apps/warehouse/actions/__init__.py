"""Verbs of the warehouse: the only code that writes its tables."""
