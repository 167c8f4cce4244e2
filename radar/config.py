"""Reads radar.toml and the environment into one frozen `Config`.

Every key has a default; an unknown key, a wrong type or an impossible value is a
`ConfigError` naming file, key and mend. ``RADAR_<SECTION>_<KEY>`` overrides the file, so that
``RADAR_SITE_PORT=8080`` needs no file at all.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Final

from radar.config_limits import ConfigError as ConfigError
from radar.config_limits import check

#: Variables of the environment that are secrets, not keys of the configuration.
SECRETS: Final = ("RADAR_MAIL_SMTP_PASSWORD", "RADAR_MAIL_PASSWORD_")


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that may differ between two installations."""

    #: folder of newsroom.db, archive.db, search.db, the model and the logs
    paths_data: Path = Path("data")
    #: folder of source files; empty: the catalogue that comes with the project
    paths_catalogue: Path = Path()
    #: an address that press offices can write to; it goes into the User-Agent
    crawl_contact: str = ""
    #: seconds between two requests to one host
    crawl_delay_s: float = 2.0
    #: a young item's page is looked at again after so many hours
    crawl_recheck_hours: float = 24.0
    #: lists and pages are kept as they were sent for so many days (data/responses); 0: not at all
    crawl_keep_responses_days: float = 0.0
    #: "host:port" that every request goes to instead of the web (sample press, tests)
    crawl_connect_to: str = ""
    #: folder with one file a mail source, named by its id and holding its password; empty: only
    #: the environment is asked (RADAR_MAIL_PASSWORD_<ID>)
    mail_secrets: Path = Path()
    #: the server that takes our letters (digests, alerts); empty: none are sent
    mail_smtp_host: str = ""
    mail_smtp_port: int = 587
    #: "starttls", "tls" (from the first byte, mostly port 465) or "none" (this machine only)
    mail_smtp_security: str = "starttls"
    #: name at that server; empty: it wants none
    mail_smtp_user: str = ""
    #: file that holds the password; empty: RADAR_MAIL_SMTP_PASSWORD of the environment
    mail_smtp_password_file: Path = Path()
    #: what stands as the sender, such as "Kommunalradar <radar@example.org>"
    mail_sender: str = ""
    #: where the editors' alerts go, with blanks between; empty: they are only shown on the desk
    alerts_to: str = ""
    #: an alert that lasts is told once more after so many days
    alerts_escalate_days: float = 3.0
    #: less room than this on the disk of the data is an alert (gigabytes)
    alerts_disk_gb: float = 2.0
    #: "text" or "json": how lines are written to standard error
    log_format: str = "text"
    #: a log that is larger (megabytes) is put aside before the next crawl or job begins
    log_size_mb: float = 10.0
    #: so many logs put aside stay
    log_keep: int = 7
    #: where backups of the newsroom go; empty: data/backups (another disk is better)
    backup_folder: Path = Path()
    #: hours between two backups that `radar run` makes by itself; 0: none
    backup_hours: float = 24.0
    #: so many of the newest backups stay
    backup_keep: int = 14
    #: where the site's dated files of the archive are; empty: data/dumps
    dumps_folder: Path = Path()
    #: days between two sets of them that `radar run` makes by itself; 0: none
    dumps_days: float = 0.0
    #: so many of the newest days stay
    dumps_keep: int = 4
    #: most words of a teaser that may be shown (§ 87g UrhG knows no number; see README)
    publish_teaser_words: int = 40
    #: of sources with relevance "topic": days until the text of an item without a topic is dropped
    retention_days: int = 90
    site_host: str = "127.0.0.1"
    site_port: int = 8001
    #: the site's public address (https://…): letters, feeds and permanent links name it
    site_address: str = ""
    #: addresses that may read /-/metrics and the details of /-/health, with blanks between
    site_monitors: str = "127.0.0.1 ::1"
    #: an address that readers may write to (errors, rights, erasure); empty: crawl.contact's
    site_contact: str = ""
    #: UTF-8 text files of the operator: blank lines part paragraphs, ``#`` begins a heading
    site_imprint: Path = Path()
    site_privacy: Path = Path()
    #: the site's own stance on text and data mining: "reserved", "allowed"; empty: none
    site_tdm: str = ""
    #: one line shown on every page, such as "Beispieldaten"
    site_banner: str = ""
    #: "yes": the editors' desk is there (/desk); "no": this host only shows the archive
    desk_open: str = "yes"
    #: header in which a reverse proxy names the account it let in; empty: passwords only
    desk_proxy_header: str = ""
    #: addresses of the reverse proxies that are believed, with blanks between
    desk_proxies: str = "127.0.0.1 ::1"

    @property
    def newsroom(self) -> Path:
        """The private database."""
        return self.paths_data / "newsroom.db"

    @property
    def own_sources(self) -> Path:
        """Folder of the newsroom's own source files; they win over the catalogue's."""
        return self.paths_data / "sources"

    @property
    def backups(self) -> Path:
        """Folder of the newsroom's backups."""
        return self.backup_folder if self.backup_folder != Path() else self.paths_data / "backups"

    @property
    def dumps(self) -> Path:
        """Folder of the dated files that the site offers."""
        return self.dumps_folder if self.dumps_folder != Path() else self.paths_data / "dumps"

    @property
    def archive(self) -> Path:
        """The public database."""
        return self.paths_data / "archive.db"

    @property
    def search(self) -> Path:
        """The search index."""
        return self.paths_data / "search.db"

    @property
    def models(self) -> Path:
        """Folder of the trained classifier."""
        return self.paths_data / "models"

    @property
    def jobs_log(self) -> Path:
        """What the desk's jobs write to standard error."""
        return self.paths_data / "logs" / "jobs.log"

    @property
    def crawl_log(self) -> Path:
        """Scrapy's log."""
        return self.paths_data / "logs" / "crawl.log"


def load_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """The configuration from ``path`` (or ``radar.toml`` if there is one) and the environment.

    Raises `ConfigError`.
    """
    chosen = path or Path("radar.toml")
    # Name of a field → its value and where that stands.
    values: dict[str, tuple[object, str]] = {}
    for section, keys in _read(chosen, must_exist=path is not None).items():
        if not isinstance(keys, dict):
            raise ConfigError(f"{chosen}: {section}: put it under a [section]")
        for key, value in keys.items():
            name = f"{section}_{key}"
            values[name] = _converted(name, value, f"{chosen}: [{section}] {key}"), str(chosen)
    sections = tuple(f"RADAR_{field.name.split('_', 1)[0].upper()}_" for field in fields(Config))
    for variable, raw in environ.items():
        if variable.startswith(sections) and not variable.startswith(SECRETS):
            name = variable.removeprefix("RADAR_").lower()
            values[name] = _converted(name, raw, variable), variable
    config = replace(Config(), **{name: value for name, (value, _) in values.items()})  # type: ignore[arg-type]
    check(config, lambda name: values.get(name, (None, str(chosen)))[1])
    return config


def _read(file: Path, *, must_exist: bool) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if must_exist:
            raise ConfigError(f"{file}: no such configuration file") from error
        return {}
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from error


def environment(config: Config) -> dict[str, str]:
    """The configuration as environment variables, for a process of our own command."""
    return {
        f"RADAR_{field.name.upper()}": str(getattr(config, field.name)) for field in fields(config)
    }


def _converted(name: str, value: object, where: str) -> object:
    defaults = asdict(Config())
    if name not in defaults:
        known = ", ".join(sorted(key.replace("_", ".", 1) for key in defaults))
        raise ConfigError(f"{where}: unknown key; known are {known}")
    wanted: type = Path if isinstance(defaults[name], Path) else type(defaults[name])
    refused = ConfigError(f"{where}: {value!r} is not {_named(wanted)}")
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise refused
    if wanted is str and not isinstance(value, str):
        raise refused
    if isinstance(value, str) and re.search(r"[\x00-\x1f\x7f]", value):
        raise ConfigError(f"{where}: {value!r} holds a line break or another control character")
    try:
        converted: object = wanted(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise refused from error
    if wanted is int and isinstance(value, float) and converted != value:
        raise refused  # 2.7 backups are no 2
    return converted


def _named(wanted: type) -> str:
    return {int: "a whole number", float: "a number", str: "a text", Path: "a path"}.get(
        wanted, wanted.__name__
    )
