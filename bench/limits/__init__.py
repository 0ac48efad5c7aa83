"""The denominators: what this machine can do at best, tuned as well as we can; changed only in commits of their own."""
