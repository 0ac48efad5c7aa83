"""What may be read of customers."""


def id_of(code: str) -> int | None:
    """Return the id of a customer by its code."""
    del code
    return None
