"""Rules of the carrier's trade: pure functions over frozen facts, with `now` as a parameter."""
