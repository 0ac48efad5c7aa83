"""Formats that are not ours: bytes and JSON to dataclasses and back, foreign codes untouched."""
