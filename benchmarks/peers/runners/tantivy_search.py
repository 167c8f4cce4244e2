"""Tantivy over a file of texts: builds an index, answers queries, prints JSON.

    tantivy_search.py JOB.json

The job names ``texts`` (JSON Lines of [number, text]), ``queries``, and a ``folder`` for the index.
``build`` is whether to build it; without, only the questions are asked and timed.
"""

# mypy: ignore-errors
# (it runs where the peer is installed, and we are not)
from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import tantivy

ANALYZER = (
    tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    .filter(tantivy.Filter.lowercase())
    .filter(tantivy.Filter.stemmer("german"))
    .build()
)


def schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("number", stored=True, indexed=True, fast=True)
    builder.add_text_field("text", stored=False, tokenizer_name="german")
    return builder.build()


def expression(query: str) -> str:
    """The query in tantivy's language: all words, phrases, -not, OR."""
    parts, either = [], False
    for minus, phrase, plain in re.findall(r'(-(?=\w))?(?:["„“](.+?)["“”]|(\S+))', query):
        if plain in ("OR", "ODER"):
            either = True
            continue
        words = re.findall(r"\w+", phrase or plain)
        if not words:
            continue
        quoted = '"' + " ".join(words) + '"' if len(words) > 1 else words[0]
        if plain.endswith("*"):
            quoted += "*"
        if minus:
            parts.append(f"-{quoted}")
        elif either:
            parts[-1] = f"+({parts[-1].lstrip('+')} OR {quoted})"
        else:
            parts.append(f"+{quoted}")
        either = False
    return " ".join(parts)


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    folder = Path(job["folder"])
    folder.mkdir(exist_ok=True)
    index = tantivy.Index(schema(), path=str(folder))
    index.register_tokenizer("german", ANALYZER)
    told: dict[str, Any] = {}
    if job["build"]:
        begun = time.process_time()
        writer = index.writer(heap_size=128_000_000, num_threads=1)
        count = 0
        with Path(job["texts"]).open(encoding="utf-8") as lines:
            for line in lines:
                number, text = json.loads(line)
                writer.add_document(tantivy.Document(number=number, text=text))
                count += 1
        writer.commit()
        writer.wait_merging_threads()
        told["build_cpu_s"] = time.process_time() - begun
        told["items"] = count
    told["index_bytes"] = sum(path.stat().st_size for path in folder.iterdir())
    index.reload()
    searcher = index.searcher()
    told["answers"], told["ms"] = [], []
    for query in job["queries"]:
        begun = time.process_time()
        try:
            parsed = index.parse_query(expression(query), ["text"])
        except ValueError as error:
            sys.stderr.write(f"{query}: {error}\n")
            told["answers"].append([])
            continue
        hits = searcher.search(parsed, limit=job["limit"]).hits
        found = [searcher.doc(address)["number"][0] for _, address in hits]
        told["ms"].append((time.process_time() - begun) * 1000)
        told["answers"].append(found if job["keep_answers"] else len(found))
    # ru_maxrss would be that of the process that started this one
    status = Path("/proc/self/status").read_text()
    told["peak_mb"] = int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
