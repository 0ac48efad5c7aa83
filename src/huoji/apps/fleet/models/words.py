"""Closed vocabularies of the core as the constraint of a column, and the lengths that several tables share."""

from enum import StrEnum

from django.db import models

NUMBER_LENGTH_MAX = 40
DATASET_LENGTH_MAX = 16


def known(words: type[StrEnum], field: str, name: str) -> models.CheckConstraint:
    """Let the column hold these words alone."""
    return models.CheckConstraint(name=name, condition=models.Q(**{f"{field}__in": [word.value for word in words]}))
