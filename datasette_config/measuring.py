"""Counts what the site is asked, and writes measurements as Prometheus reads them: the only user
of prometheus_client.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

#: What the exposition is (https://prometheus.io/docs/instrumenting/exposition_formats/).
CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
#: Bounds of the durations, in seconds: the site's own aim is 0.1.
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
#: The pages counted apart, by the first part of the path; anything else is "other", so that
#: nobody can make labels by asking for invented addresses.
_ROUTES: Final = frozenset({
    "suche", "suche.atom", "eintrag", "thema", "land", "ort", "quelle", "quellen", "ueber",
    "modell", "abo", "static", "desk", "archive", "impressum", "datenschutz", "barrierefreiheit",
    "sitemap.xml", "robots.txt",
})  # fmt: skip
_OPERATION: Final = frozenset({"/-/health", "/-/metrics"})
_METHODS: Final = frozenset({"GET", "HEAD", "POST"})


@dataclass(frozen=True, slots=True)
class Gauge:
    """One measurement of the moment: name, what it says, and a value for each set of labels."""

    name: str
    help: str
    values: Mapping[tuple[str, ...], float]
    labels: tuple[str, ...] = ()


def route_of(path: str) -> str:
    """Under which name a path is counted."""
    if path in _OPERATION:
        return path
    first = re.sub(r"^/+", "", path).partition("/")[0]
    if not first:
        return "home"
    return first if first in _ROUTES else "other"


class _Gauges:
    """Hands the measurements of the moment to the registry, as the library wants it."""

    def __init__(self, gauges: Sequence[Gauge]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[Metric]:
        for gauge in self._gauges:
            family = GaugeMetricFamily(gauge.name, gauge.help, labels=gauge.labels)
            for labels, value in gauge.values.items():
                family.add_metric(labels, value)
            yield family


class Measures:
    """The counters of one process; several in one program do not mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "radar_http_requests", "Requests answered",
            ("route", "method", "status"), registry=self._registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "radar_http_request_seconds", "How long requests took until the answer's end",
            ("route",), buckets=_BUCKETS, registry=self._registry,
        )  # fmt: skip

    def count(self, path: str, method: str, status: int, seconds: float) -> None:
        """Note one request; ``path`` without a language's prefix."""
        route = route_of(path)
        named = method if method in _METHODS else "other"
        self._requests.labels(route, named, f"{status // 100}xx").inc()
        self._seconds.labels(route).observe(seconds)

    def exposition(self, gauges: Sequence[Gauge]) -> bytes:
        """All measurements as text."""
        moment = CollectorRegistry()
        moment.register(_Gauges(gauges))
        return generate_latest(self._registry) + generate_latest(moment)
