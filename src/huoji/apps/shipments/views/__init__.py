"""The pages of shipments in the workspace: parse, call one action or query, render."""
