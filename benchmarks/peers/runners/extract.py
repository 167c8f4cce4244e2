"""Reads the gold pages with one of the peers: a JSON line each, body, title, day; time at the end.

    extract.py trafilatura|newsplease|fundus GOLD HTML_FOLDER

fundus reads only its own test pages, each with its publisher's parser of that day.
"""

# mypy: ignore-errors
# (it runs where the peer is installed, and we are not)
from __future__ import annotations

import gzip
import json
import re
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

Answer = tuple[str | None, str | None, str | None]
Read = Callable[[bytes, dict[str, str]], Answer]


def trafilatura() -> Read:
    from trafilatura import bare_extraction

    def read(html: bytes, row: dict[str, str]) -> Answer:
        found = bare_extraction(html, url=row["url"], with_metadata=True, include_comments=False)
        return (found.text, found.title, found.date) if found else (None, None, None)

    return read


def newsplease() -> Read:
    from newsplease import NewsPlease

    def read(html: bytes, row: dict[str, str]) -> Answer:
        found = NewsPlease.from_html(html, url=row["url"], fetch_images=False)
        day = str(found.date_publish)[:10] if found.date_publish else None
        return found.maintext, found.title, day

    return read


def fundus() -> Read:
    from fundus import PublisherCollection

    known = {
        urlsplit(one.domain).netloc.removeprefix("www."): one for one in PublisherCollection.de
    }

    def read(html: bytes, row: dict[str, str]) -> Answer:
        host = (urlsplit(row["url"]).hostname or "").removeprefix("www.").removeprefix("www1.")
        publisher, then = known.get(host), re.search(r"_(\d{4})_(\d\d)_(\d\d)\.", row["file"])
        if publisher is None or then is None:
            raise LookupError(host)
        parser = publisher.parser(date(*map(int, then.groups())))
        found = parser.parse(html.decode("utf-8", "replace"), "suppress")
        at = found.get("publishing_date")
        body = found.get("body")
        text = str(body) if body else None
        return text, found.get("title"), str(at)[:10] if at else None

    return read


def main() -> None:
    name, gold, folder = sys.argv[1:]
    read = {"trafilatura": trafilatura, "newsplease": newsplease, "fundus": fundus}[name]()
    spent = 0.0
    for line in Path(gold).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        html = gzip.decompress(Path(folder, row["file"]).read_bytes())
        begun = time.process_time()
        try:
            body, title, day = read(html, row)
        except LookupError:
            continue
        except Exception as error:  # noqa: BLE001 - a peer's fault is its answer
            sys.stderr.write(f"{row['file']}: {type(error).__name__}: {error}\n")
            body = title = day = None
        spent += time.process_time() - begun
        answer = {"file": row["file"], "body": body, "title": title, "day": day}
        sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.write(json.dumps({"cpu_s": spent}) + "\n")


if __name__ == "__main__":
    main()
