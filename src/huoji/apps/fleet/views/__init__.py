"""The pages of the fleet in the workspace."""
