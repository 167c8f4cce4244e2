"""What each key of the configuration may hold, and the error that says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from email.utils import parseaddr
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from store.errors import RadarError

if TYPE_CHECKING:  # it is read with this module's checks
    from radar.config import Config

#: The crawler looks at an item again for a week (RECHECK_UNTIL_DAYS) and needs its text for that.
SHORTEST_RETENTION: Final = 8
#: Nobody means more, and dates and waiting times can hold it.
CENTURY_DAYS: Final = 36_500

#: Least and most of each number. What is no number (``nan``) lies between none.
_BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "crawl_delay_s": (0, 86_400),
    "crawl_recheck_hours": (0, 24 * CENTURY_DAYS),
    "crawl_keep_responses_days": (0, CENTURY_DAYS),
    "mail_smtp_port": (1, 65_535),
    "alerts_escalate_days": (0.01, CENTURY_DAYS),
    "alerts_disk_gb": (0, 1_000_000),
    "log_size_mb": (0.001, 1_000_000),
    "log_keep": (1, 10_000),
    "backup_hours": (0, 24 * CENTURY_DAYS),
    "backup_keep": (1, 10_000),
    "dumps_days": (0, CENTURY_DAYS),
    "dumps_keep": (1, 10_000),
    "publish_teaser_words": (1, 10_000),
    "retention_days": (SHORTEST_RETENTION, CENTURY_DAYS),
    "site_port": (1, 65_535),
}
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "mail_smtp_security": ("starttls", "tls", "none"),
    "log_format": ("text", "json"),
    "site_tdm": ("", "reserved", "allowed"),
    "desk_open": ("yes", "no"),
}


class ConfigError(RadarError):
    """A configuration that cannot be used; the message names file or variable, key and mend."""


def check(config: Config, told: Callable[[str], str]) -> None:
    """Raise `ConfigError` at the first impossible value; ``told``: where a field was set."""

    def refuse(name: str, why: str) -> None:
        raise ConfigError(f"{told(name)}: {name.replace('_', '.', 1)}: {why}")

    for name, (least, most) in _BOUNDS.items():
        value = getattr(config, name)
        if not least <= value <= most:
            refuse(name, f"{value} is not between {least} and {most}")
    for name, choices in _CHOICES.items():
        value = getattr(config, name)
        if value not in choices:
            refuse(name, f"{value!r} is none of {', '.join(filter(None, choices))}")
    for name in ("desk_proxies", "site_monitors"):
        for address in getattr(config, name).split():
            try:
                ip_address(address)
            except ValueError as error:
                refuse(name, str(error))
    if not config.site_host:
        refuse("site_host", "is empty; name an address, such as 0.0.0.0 for all of this machine")
    if config.crawl_connect_to and not re.fullmatch(r"\S+:[0-9]{1,5}", config.crawl_connect_to):
        refuse("crawl_connect_to", f"{config.crawl_connect_to!r} is not host:port")
    for name in ("site_imprint", "site_privacy"):
        text = getattr(config, name)
        if text.name and not text.is_file():
            refuse(name, f"{text} is not a file")
    if config.site_contact and not re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", config.site_contact):
        refuse("site_contact", f"{config.site_contact!r} is not an address")
    if config.site_address and not _is_origin(config.site_address):
        refuse("site_address", f"{config.site_address!r} is not http(s)://host without a path")
    if config.mail_smtp_host and "@" not in parseaddr(config.mail_sender)[1]:
        refuse(
            "mail_sender",
            f"{config.mail_sender!r} is no address; letters need one, such as "
            '"Kommunalradar <radar@example.org>"',
        )
    for address in config.alerts_to.split():
        if "@" not in address:
            refuse("alerts_to", f"{address!r} is no e-mail address")


def _is_origin(address: str) -> bool:
    if not re.fullmatch(r"https?://[^\s/?#@]+/?", address):
        return False
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:  # no port, or half an IPv6 address
        return False
