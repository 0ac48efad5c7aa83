"""The pages of accounts in the workspace."""
