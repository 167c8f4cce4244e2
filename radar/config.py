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
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path

from store.errors import RadarError

#: The crawler looks at an item again for a week (RECHECK_UNTIL_DAYS) and needs its text for that.
SHORTEST_RETENTION = 8


class ConfigError(RadarError):
    """A configuration that cannot be used; the message names file, key and mend."""


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
    values: dict[str, object] = {}
    chosen = path or Path("radar.toml")
    if path is not None and not path.is_file():
        raise ConfigError(f"{path}: no such configuration file")
    if chosen.is_file():
        try:
            document = tomllib.loads(chosen.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{chosen}: not valid TOML: {error}") from error
        for section, keys in document.items():
            if not isinstance(keys, dict):
                raise ConfigError(f"{chosen}: {section}: put it under a [section]")
            for key, value in keys.items():
                name = f"{section}_{key}"
                values[name] = _converted(name, value, f"{chosen}: [{section}] {key}")
    for field in fields(Config):
        variable = f"RADAR_{field.name.upper()}"
        if variable in environ:
            values[field.name] = _converted(field.name, environ[variable], variable)
    return _checked(replace(Config(), **values), chosen)  # type: ignore[arg-type]


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
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ConfigError(f"{where}: {value!r} is not {_named(wanted)}")
    if wanted is str and not isinstance(value, str):
        raise ConfigError(f"{where}: {value!r} is not {_named(wanted)}")
    try:
        converted: object = wanted(value)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{where}: {value!r} is not {_named(wanted)}") from error
    return converted


def _named(wanted: type) -> str:
    return {int: "a whole number", float: "a number", str: "a text", Path: "a path"}.get(
        wanted, wanted.__name__
    )


def _checked(config: Config, where: Path) -> Config:
    if not 1 <= config.site_port <= 65535:
        raise ConfigError(f"{where}: site.port: {config.site_port} is not between 1 and 65535")
    if config.desk_open not in ("yes", "no"):
        raise ConfigError(f"{where}: desk.open: {config.desk_open!r} is neither yes nor no")
    for key in ("desk_proxies", "site_monitors"):
        for address in getattr(config, key).split():
            try:
                ip_address(address)
            except ValueError as error:
                raise ConfigError(f"{where}: {key.replace('_', '.', 1)}: {error}") from error
    if config.crawl_delay_s < 0:
        raise ConfigError(f"{where}: crawl.delay_s: may not be negative")
    if config.crawl_keep_responses_days < 0:
        raise ConfigError(f"{where}: crawl.keep_responses_days: may not be negative")
    if config.backup_hours < 0:
        raise ConfigError(f"{where}: backup.hours: may not be negative; 0 makes none")
    if config.backup_keep < 1:
        raise ConfigError(f"{where}: backup.keep: must be 1 or more")
    if config.dumps_days < 0:
        raise ConfigError(f"{where}: dumps.days: may not be negative; 0 makes none")
    if config.dumps_keep < 1:
        raise ConfigError(f"{where}: dumps.keep: must be 1 or more")
    if config.publish_teaser_words < 1:
        raise ConfigError(f"{where}: publish.teaser_words: must be 1 or more")
    if config.retention_days < SHORTEST_RETENTION:
        raise ConfigError(
            f"{where}: retention.days: must be {SHORTEST_RETENTION} or more, because young items "
            "are looked at again"
        )
    _check_texts(config, where)
    _check_letters(config, where)
    if config.log_format not in ("text", "json"):
        raise ConfigError(f"{where}: log.format: {config.log_format!r} is neither text nor json")
    if config.log_size_mb <= 0 or config.log_keep < 1:
        raise ConfigError(f"{where}: log.size_mb and log.keep must be more than 0")
    return config


def _check_texts(config: Config, where: Path) -> None:
    for name, text in (("imprint", config.site_imprint), ("privacy", config.site_privacy)):
        if text != Path() and not text.is_file():
            raise ConfigError(f"{where}: site.{name}: {text} is not a file")
    if config.site_tdm not in ("", "reserved", "allowed"):
        raise ConfigError(f"{where}: site.tdm: {config.site_tdm!r} is not reserved or allowed")
    if config.site_contact and not re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", config.site_contact):
        raise ConfigError(f"{where}: site.contact: {config.site_contact!r} is not an address")


def _check_letters(config: Config, where: Path) -> None:
    if config.site_address and not re.fullmatch(r"https?://[^\s/?#]+/?", config.site_address):
        raise ConfigError(
            f"{where}: site.address: {config.site_address!r} is not http(s)://host without a path"
        )
    if config.mail_smtp_security not in ("starttls", "tls", "none"):
        raise ConfigError(
            f"{where}: mail.smtp_security: {config.mail_smtp_security!r} is none of starttls, "
            "tls, none"
        )
    if not 1 <= config.mail_smtp_port <= 65535:
        raise ConfigError(
            f"{where}: mail.smtp_port: {config.mail_smtp_port} is not between 1 and 65535"
        )
    if config.mail_smtp_host and "@" not in parseaddr(config.mail_sender)[1]:
        raise ConfigError(
            f"{where}: mail.sender: {config.mail_sender!r} is no address; letters need one, such "
            'as "Kommunalradar <radar@example.org>"'
        )
    for address in config.alerts_to.split():
        if "@" not in address:
            raise ConfigError(f"{where}: alerts.to: {address!r} is no e-mail address")
    if config.alerts_escalate_days <= 0:
        raise ConfigError(f"{where}: alerts.escalate_days: must be more than 0")
