"""Sources, feeds and pages of an invented town, for tests that crawl."""

from __future__ import annotations

from store.types import RunResult, Source


def source(source_id: str = "stadt", **facts: object) -> Source:
    host = f"https://www.{source_id}.example"
    given: dict[str, object] = {
        "id": source_id, "name": source_id.title(), "publisher": source_id.title(),
        "homepage": f"{host}/", "kind": "feed", "url": f"{host}/feed.xml", "licence": "official",
        "display": "full", "relevance": "all", "schedule": "adaptive", "reference": f"{host}/",
        **facts,
    }  # fmt: skip
    return Source(**given)  # type: ignore[arg-type]


def page(title: str, text: str = "Die Stadt stellt den Dienst ab sofort im Netz bereit.") -> bytes:
    return (
        f'<!DOCTYPE html><html lang="de"><head><title>{title}</title></head><body><main>'
        f"<article><h1>{title}</h1><p>{text}</p><p>{text} Weitere Dienste folgen im Herbst, "
        "teilt das Hauptamt mit.</p></article></main></body></html>"
    ).encode()


def feed(*items: tuple[str, str]) -> bytes:
    rows = "".join(
        f"<item><title>{title}</title><link>{url}</link><guid>{url}</guid></item>"
        for title, url in items
    )
    return f'<rss version="2.0"><channel><title>Presse</title>{rows}</channel></rss>'.encode()


def numbers(result: RunResult) -> tuple[str, int, int, int, int, int]:
    return (
        result.status, result.new, result.changed, result.same, result.withdrawn, result.skipped,
    )  # fmt: skip
