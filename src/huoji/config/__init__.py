"""Settings, servers and the command line: knows everybody, known by nobody."""
