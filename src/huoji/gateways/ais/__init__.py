"""The gateway of vessels: AIS lines by UDP, by TCP from and to others, or from a recording."""
