"""Makes each peer a virtual environment of its own, with the versions that are pinned."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"


def python_of(peer: str, folder: Path) -> str:
    """The peer's interpreter; its environment is made where it is missing or of other versions."""
    wanted = REQUIREMENTS / f"{peer}.txt"
    digest = hashlib.sha256(wanted.read_bytes()).hexdigest()
    place = folder / peer
    python, mark = place / "bin" / "python", place / "versions"
    if not mark.exists() or mark.read_text() != digest:
        sys.stderr.write(f"installing {peer} …\n")
        venv.create(place, with_pip=True, clear=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check",
             "-r", str(wanted)],
            check=True, stdout=sys.stderr,
        )  # fmt: skip
        mark.write_text(digest)
    return str(python)


def version(peer: str, package: str) -> str:
    """The pinned version of a package."""
    for line in (REQUIREMENTS / f"{peer}.txt").read_text(encoding="utf-8").splitlines():
        name, _, number = line.partition("==")
        if name.lower() == package.lower():
            return number
    raise LookupError(f"{peer}.txt does not name {package}")
