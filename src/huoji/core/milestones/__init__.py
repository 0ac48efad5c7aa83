"""What foreign codes mean in our words: one table a provider, keyed by plain strings."""
