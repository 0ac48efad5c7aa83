"""State: Django apps on a ladder, each using those below and speaking upward only by published events."""
