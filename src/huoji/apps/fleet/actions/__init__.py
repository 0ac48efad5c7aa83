"""What can be done in the fleet."""
