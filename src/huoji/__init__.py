"""Huoji 货迹: where is the cargo, and who answers for it."""
