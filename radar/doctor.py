"""Examines an installation and says, for each thing that is wrong, how it is mended."""

from __future__ import annotations

import os
import platform
import re
import shutil
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from classifier.identity import expected_id
from classifier.registry import Registry
from radar import crawling, mailing
from radar.config import Config
from store.backup import backups, made_at
from store.errors import RadarError
from store.inspection import faults, latest_moment, sqlite_version

#: How much room must be left: for the files as they are once more (VACUUM, backup), and a reserve.
RESERVE_BYTES = 1 << 30
#: A resolver that has not answered by then is as good as none.
DNS_S = 5.0
#: Rounds come at least daily; two missed ones are no accident.
LATE = timedelta(hours=48)

LEVELS = ("ok", "warn", "fail")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: ``ok``, ``warn`` or ``fail``, what is so, and the mend."""

    what: str
    level: str
    says: str
    mend: str = ""


def examine(config: Config, now: datetime) -> list[Finding]:
    """Every finding, in the order in which things depend on each other. Changes nothing."""
    return [finding for look in _LOOKS for finding in look(config, now)]


def as_text(findings: list[Finding]) -> str:
    """One line a finding, its mend below."""
    lines = []
    for finding in findings:
        lines.append(f"{finding.level:<4}  {finding.what:<12} {finding.says}")
        if finding.mend:
            lines.append(f"{'':<19}→ {finding.mend}")
    counts = ", ".join(
        f"{sum(finding.level == level for finding in findings)} {level}" for level in LEVELS
    )
    return "\n".join([*lines, counts])


def _environment(config: Config, now: datetime) -> Iterator[Finding]:
    yield Finding(
        "python", "ok", f"{platform.python_version()} on {platform.system()} {platform.release()}"
    )
    version, has_fts5 = sqlite_version()
    if has_fts5:
        yield Finding("sqlite", "ok", f"{version} with FTS5")
    else:
        yield Finding(
            "sqlite", "fail", f"{version} without FTS5",
            "use a Python whose SQLite has full text search (python.org's, Debian's)",
        )  # fmt: skip


def _versions(config: Config, now: datetime) -> Iterator[Finding]:
    lock = Path(__file__).resolve().parent.parent / "requirements.lock"
    if not lock.is_file():
        return
    wrong = []
    pinned = re.findall(r"^([\w.-]+)==([^\s;\\]+)(?: ; ([^\\\n]+))?", lock.read_text("utf-8"), re.M)
    for name, version, condition in pinned:
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            if not condition:  # else it is for another system
                wrong.append(f"{name} is missing")
            continue
        if found != version and not condition:
            wrong.append(f"{name} {found} instead of {version}")
    if wrong:
        yield Finding(
            "packages", "warn", "; ".join(wrong[:5]) + (" …" if len(wrong) > 5 else ""),
            "run `make demo` or `make run`: both install what the lock names",
        )  # fmt: skip
    else:
        yield Finding("packages", "ok", f"{len(pinned)} as the lock pins them")


def _configuration(config: Config, now: datetime) -> Iterator[Finding]:
    if config.crawl_contact:
        yield Finding("contact", "ok", config.crawl_contact)
    else:
        yield Finding(
            "contact", "warn", "press offices cannot tell who crawls them",
            "set crawl.contact in radar.toml to an address that is read",
        )  # fmt: skip
    try:
        count = len(crawling.catalogue(config))
    except RadarError as error:
        yield Finding("catalogue", "fail", str(error))
    else:
        yield Finding("catalogue", "ok", f"{count} sources")


def _data(config: Config, now: datetime) -> Iterator[Finding]:
    folder = config.paths_data
    if not folder.is_dir():
        yield Finding("data", "warn", f"{folder} is not there yet", "`radar crawl` makes it")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(
            "data",
            "fail",
            f"{folder} cannot be written",
            f"chown it to the user of radar: {folder}",
        )
    yield from _permissions(config)
    used = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    free = shutil.disk_usage(folder).free
    if free < used + RESERVE_BYTES:
        yield Finding(
            "disk", "warn", f"{_size(free)} free, {_size(used)} used by {folder}",
            "make room: erasing and backups need as much again as there is, and 1 GiB in reserve",
        )  # fmt: skip
    else:
        yield Finding("disk", "ok", f"{_size(free)} free, {_size(used)} used")


def _permissions(config: Config) -> Iterator[Finding]:
    """What others on this machine can read or change and should not."""
    readable = stat.S_IROTH
    logs = config.paths_data / "logs"
    private: list[tuple[Path, str]] = [
        *((path, "private text") for path in sorted(config.paths_data.glob("newsroom.db*"))),
        *((path, "private words") for path in sorted(config.paths_data.glob("search.db*"))),
        *((path, "a backup") for path in backups(config.backups)[-1:]),
        *((path, "what the crawl wrote") for path in sorted(logs.glob("*.log*"))),
        (config.mail_smtp_password_file, "a password"),
        *((path, "a password") for path in _files(config.mail_secrets)),
    ]
    hidden = _hidden(config.paths_data)
    for path, what in private:
        if path != Path() and path.is_file() and path.stat().st_mode & readable:
            inside = config.paths_data in path.parents
            if not (hidden and inside):
                yield Finding(
                    "permissions", "warn", f"{path} holds {what} and all users can read it",
                    f"chmod o-rwx {path}",
                )  # fmt: skip
    for path in (Path("radar.toml"), config.paths_data, config.own_sources):
        if path.exists() and path.stat().st_mode & stat.S_IWOTH:
            yield Finding(
                "permissions", "fail", f"{path} can be changed by all users: who writes there "
                "decides what this program does", f"chmod o-w {path}",
            )  # fmt: skip


def _files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder != Path() and folder.is_dir() else []


def _hidden(folder: Path) -> bool:
    """Whether others cannot reach what is in the folder, whatever the modes of its files."""
    return not folder.stat().st_mode & stat.S_IXOTH


def _databases(config: Config, now: datetime) -> Iterator[Finding]:
    mends = {
        config.newsroom: "`radar restore` a backup; keep this file aside",
        config.archive: "`radar publish --rebuild` makes it anew",
        config.search: "`radar publish --rebuild` makes it anew",
    }
    for path, mend in mends.items():
        if not path.is_file():
            continue
        found = faults(path)
        if found:
            yield Finding(path.name, "fail", "; ".join(found[:3]), mend)
        else:
            yield Finding(path.name, "ok", f"{_size(path.stat().st_size)}, sound")


def _clock(config: Config, now: datetime) -> Iterator[Finding]:
    latest = latest_moment(config.newsroom) if config.newsroom.is_file() else None
    if latest is not None and latest > now + timedelta(minutes=5):
        yield Finding(
            "clock", "fail", f"it says {now:%Y-%m-%d %H:%M} UTC, but something was stored at "
            f"{latest:%Y-%m-%d %H:%M}",
            "set the machine's clock (systemd-timesyncd, chrony)",
        )  # fmt: skip
    elif latest is not None and now - latest > LATE:
        yield Finding(
            "rounds", "warn", f"the last one began {latest:%Y-%m-%d %H:%M} UTC",
            "is `radar run` (or `radar schedule`) running?",
        )  # fmt: skip
    else:
        yield Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC")


def _model(config: Config, now: datetime) -> Iterator[Finding]:
    registry = Registry(config.models)
    try:
        current = registry.current()
        renewed = current is not None and current.program != expected_id()
        if current is not None and not renewed:
            registry.load(current.model_id)
    except RadarError as error:
        yield Finding("model", "fail", str(error))
        return
    if current is None:
        yield Finding("model", "ok", "none yet; it is trained at its first use, in seconds")
    elif renewed:
        yield Finding(
            "model", "ok", f"{current.model_id} is of an older version; trained anew soon"
        )
    else:
        yield Finding("model", "ok", f"{current.model_id} since {current.at}: {current.why}")


def _backup(config: Config, now: datetime) -> Iterator[Finding]:
    if not config.newsroom.is_file():
        return
    known = backups(config.backups)
    wanted = timedelta(hours=config.backup_hours or 24)
    mend = f"`radar backup {config.backups}`; `radar run` makes one every backup.hours"
    if not known:
        yield Finding("backup", "warn", f"there is none in {config.backups}", mend)
        return
    age = now - made_at(known[-1])
    says = f"{len(known)} in {config.backups}, the newest {age / timedelta(hours=1):.0f} h old"
    late = age > 2 * wanted
    yield Finding("backup", "warn" if late else "ok", says, mend if late else "")
    if config.backups.stat().st_dev == config.paths_data.stat().st_dev:
        yield Finding(
            "backup", "warn", "backups lie on the same disk as the data",
            "set backup.folder to another disk, or copy them away (docs/litestream.yml)",
        )  # fmt: skip


def _names(config: Config, now: datetime) -> Iterator[Finding]:
    try:
        hosts = {urlsplit(source.url).hostname for source in crawling.catalogue(config)}
    except RadarError:
        return  # told above
    wanted = sorted(host for host in hosts if host)[:: max(1, len(hosts) // 3)][:3]
    known: list[str] = []

    def ask() -> None:
        for host in wanted:
            try:
                socket.getaddrinfo(host, 443)
            except OSError:
                continue
            known.append(host)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(DNS_S)
    if known or not wanted:
        yield Finding("dns", "ok", f"knows {', '.join(known)}")
    else:
        yield Finding(
            "dns", "fail", f"knows none of {', '.join(wanted)}",
            "is there a network? look at /etc/resolv.conf",
        )  # fmt: skip


def _letters(config: Config, now: datetime) -> Iterator[Finding]:
    if not config.mail_smtp_host:
        yield Finding("mail", "ok", "none configured: no digests, alerts only on the desk")
        return
    try:
        yield Finding("mail", "ok", mailing.look(config, os.environ))
    except mailing.MailError as error:
        yield Finding("mail", "fail", str(error), "mend the keys mail.smtp_… in radar.toml")
    if not config.site_address:
        yield Finding(
            "mail", "warn", "readers cannot subscribe: letters could not name the site",
            "set site.address to its public address",
        )  # fmt: skip


def _size(count: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"


_LOOKS: tuple[Callable[[Config, datetime], Iterator[Finding]], ...] = (
    _environment, _versions, _configuration, _data, _databases, _clock, _model, _backup, _names,
    _letters,
)  # fmt: skip
