"""What `radar serve` tells the desk, and when there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasette_config.desk.desk import DeskConfig
from radar.config import Config, ConfigError, environment, load_config
from radar.crawling import open_newsroom
from radar.demo import EDITOR, add_editor
from radar.serve import desk_of


def test_the_desk_is_there_with_a_newsroom_unless_it_is_closed(tmp_path: Path) -> None:
    config = Config(paths_data=tmp_path, desk_proxies="192.0.2.7 ::1", publish_teaser_words=12)
    assert desk_of(config) is None
    with open_newsroom(config):
        pass
    told = desk_of(config)
    assert told is not None
    desk = DeskConfig.from_plugin(told)
    assert (desk.newsroom, desk.teaser_words) == (tmp_path / "newsroom.db", 12)
    assert desk.proxies == ("192.0.2.7", "::1")
    assert desk.proxy_header is None
    closed = load_config(None, {**environment(config), "RADAR_DESK_OPEN": "no"})
    assert desk_of(closed) is None


def test_the_configuration_survives_the_environment(tmp_path: Path) -> None:
    config = Config(paths_data=tmp_path, desk_proxy_header="X-Remote-User", site_banner="Beispiel")
    assert load_config(None, environment(config)) == config


def test_a_demo_shows_its_desk_to_who_reads_the_password(tmp_path: Path) -> None:
    config = Config(paths_data=tmp_path / "demo")
    password = add_editor(config)
    with open_newsroom(config) as newsroom:
        (account,) = newsroom.accounts()
        assert (account.name, account.role) == (EDITOR, "editor")
        assert newsroom.session(newsroom.sign_in(EDITOR, password, address="127.0.0.1")) is not None
    assert add_editor(Config(paths_data=tmp_path / "another")) != password


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("RADAR_DESK_OPEN", "maybe", "desk.open: 'maybe' is none of yes, no"),
        ("RADAR_DESK_PROXIES", "localhost", "desk.proxies: 'localhost' does not appear"),
    ],
)
def test_what_cannot_be_is_named(key: str, value: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        load_config(None, {key: value})
