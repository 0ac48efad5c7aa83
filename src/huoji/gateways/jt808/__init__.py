"""The gateway of JT/T 808 terminals: connections, sessions, batches that are acknowledged after their commit, and commands."""
