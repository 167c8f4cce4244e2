"""What a backfill has done: one small file a part beside its items, each written whole.

A part that has its file is never read again. Its items are deleted once the newsroom has them: a
copy of texts is one more place that an erasure would have to look in.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from radar.backfill import Options
from radar.backfill_results import PartResult
from store.disk import full_disk_told
from store.errors import RadarError

#: Changes when the same options would bring other items.
_FORMAT = "1"


class ManifestError(RadarError):
    """A manifest that cannot be read; the message names the file and the mend."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The folder of one backfill: its parts under one assignment of hosts and one span of time."""

    folder: Path

    @classmethod
    def of(cls, parent: Path, options: Options) -> Manifest:
        """The manifest for these options; another assignment or span has another."""
        text = f"{_FORMAT} {options.since} {options.until} {options.relevance is None}\n"
        digest = hashlib.sha256((text + options.hosts.as_text()).encode()).hexdigest()
        return cls(parent / digest[:12])

    def result(self, key: str) -> PartResult | None:
        """What became of the part, without its items; None if it was not done yet."""
        path = self.folder / f"{key}.json"
        if not path.exists():
            return None
        try:
            values = json.loads(path.read_bytes())
            return PartResult(**values | {"troubles": tuple(values["troubles"])})
        except (ValueError, TypeError, KeyError) as error:
            raise ManifestError(f"{path}: damaged ({error}); delete it and run again") from error

    def keep(self, result: PartResult) -> None:
        """Note a part, its items first. Raises ``DiskFullError``; then there is no trace of it."""
        if result.failed is None:
            self._write(f"{result.key}.ndjson.gz", result.items)
        values = asdict(result)
        del values["items"]
        text = json.dumps(values, ensure_ascii=False, indent=1)
        self._write(f"{result.key}.json", text.encode())

    def items(self, key: str) -> bytes | None:
        """The items of a part that wait for the newsroom; None: it has them."""
        path = self.folder / f"{key}.ndjson.gz"
        return path.read_bytes() if path.exists() else None

    def stored(self, key: str) -> None:
        """The newsroom has the part's items."""
        (self.folder / f"{key}.ndjson.gz").unlink()

    def forget(self, wanted: Callable[[PartResult], bool]) -> int:
        """Forget the parts of which ``wanted`` says so, so that they are done again; how many."""
        gone = 0
        for path in sorted(self.folder.glob("*.json")):
            result = self.result(path.stem)
            if result is not None and wanted(result):
                path.unlink()
                gone += 1
        return gone

    def _write(self, name: str, content: bytes) -> None:
        path, fresh = self.folder / name, self.folder / f".{name}.new"
        with full_disk_told(path):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                with fresh.open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                fresh.replace(path)
            except OSError:
                fresh.unlink(missing_ok=True)
                raise
