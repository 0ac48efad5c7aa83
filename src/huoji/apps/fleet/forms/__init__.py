"""The forms of the fleet."""
