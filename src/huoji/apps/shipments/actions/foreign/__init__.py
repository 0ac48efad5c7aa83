"""Documents in formats that are not ours: what their events say of which of our units, and the verbs that take them."""
