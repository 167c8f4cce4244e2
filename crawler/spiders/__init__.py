"""One spider a kind of source, and ``sources`` for a mixed batch. None parses anything."""
