"""What can be asked of the fleet."""
