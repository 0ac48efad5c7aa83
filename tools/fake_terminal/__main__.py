"""`python -m tools.fake_terminal`."""

from tools.fake_terminal.command import main

main()
