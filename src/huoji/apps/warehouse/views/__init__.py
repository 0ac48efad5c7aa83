"""The pages of the warehouse in the workspace: parse, call one action or query, render."""
