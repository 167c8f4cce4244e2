"""Owns the shape of newsroom.db: every step that led to it, in order.

A step is never changed once it is released; what is wrong is mended by another step.
"""

from store.migrations import items, operation
from store.migrations.steps import newsroom_migrations

#: Each registers its steps when it is imported: so this is the order in which they are applied.
STEPS = (items, operation)

__all__ = ["STEPS", "newsroom_migrations"]
