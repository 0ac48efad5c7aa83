"""Measurements, each beside a physical limit taken in the same run."""
