"""Ends a process with the one that started it, even if that one is killed."""

from __future__ import annotations

import os
import threading

#: Exit code of a process that ended because nobody holds it any more.
ORPHANED = 71


def end_with_stdin() -> None:
    """End this process, as by a kill, once whoever holds the other end of its stdin is gone.

    A crawl that outlived its scheduler would ask sources that the next one asks, too; what it has
    saved is safe, each item is one transaction. Standard input must be a pipe held for this alone.
    """
    threading.Thread(target=_wait, name="orphans", daemon=True).start()


def _wait() -> None:
    while os.read(0, 1):
        pass
    os._exit(ORPHANED)
