"""radar.toml and the environment: what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from radar.config import Config, ConfigError, load_config


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "radar.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_need_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_config(None, {}) == Config()


def test_file_and_environment(tmp_path: Path) -> None:
    path = written(tmp_path, '[paths]\ndata = "d"\n[site]\nport = 9000\n[crawl]\ndelay_s = 3\n')
    config = load_config(path, {"RADAR_SITE_PORT": "9001", "HOME": "/"})
    assert (config.paths_data, config.site_port, config.crawl_delay_s) == (Path("d"), 9001, 3.0)
    assert config.newsroom == Path("d/newsroom.db")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[site]\nport = 0\n", "site.port"),
        ('[site]\nport = "hoch"\n', "[site] port: 'hoch' is not a whole number"),
        ("[site]\nprot = 1\n", "[site] prot: unknown key"),
        ("port = 1\n", "port: put it under a [section]"),
        ("[site]\nhost = 5\n", "[site] host: 5 is not a text"),
        ("[site]\nport = true\n", "[site] port: True is not a whole number"),
        ("[crawl]\ndelay_s = -1\n", "crawl.delay_s"),
        ("[publish]\nteaser_words = 0\n", "publish.teaser_words"),
        ("[retention]\ndays = 7\n", "retention.days: 7 is not between 8 and 36500"),
        ("[retention]\ndays = 99999999999\n", "retention.days: 99999999999 is not between"),
        ("[backup]\nhours = inf\n", "backup.hours: inf is not between 0 and"),
        ("[crawl]\ndelay_s = nan\n", "crawl.delay_s: nan is not between 0 and"),
        ("[crawl]\nrecheck_hours = -1\n", "crawl.recheck_hours: -1.0 is not between"),
        ("[backup]\nkeep = 2.7\n", "[backup] keep: 2.7 is not a whole number"),
        ("[backup]\nkeep = inf\n", "[backup] keep: inf is not a whole number"),
        ('[site]\nhost = ""\n', "site.host: is empty"),
        (
            '[crawl]\ncontact = "a@b.example\\nX: y"\n',
            "[crawl] contact: 'a@b.example\\nX: y' holds",
        ),
        ('[crawl]\nconnect_to = "nirgends"\n', "crawl.connect_to: 'nirgends' is not host:port"),
        ('[site]\naddress = "https://[::1"\n', "site.address: 'https://[::1' is not http(s)://"),
        ('[site]\naddress = "https://a.example:x"\n', "site.address: 'https://a.example:x' is not"),
        ('[site]\nimprint = "fehlt.txt"\n', "site.imprint: fehlt.txt is not a file"),
        ('[site]\ncontact = "Redaktion"\n', "site.contact: 'Redaktion' is not an address"),
        ("[site\n", "not valid TOML"),
    ],
)
def test_wrong_configuration_names_the_key(tmp_path: Path, text: str, named: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_config(path, {})
    assert named in str(caught.value)
    assert str(path) in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nicht\.toml: no such configuration file"):
        load_config(tmp_path / "nicht.toml", {})


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("RADAR_SITE_PORT", "x", "RADAR_SITE_PORT: 'x' is not a whole number"),
        ("RADAR_SITE_PORT", "0", "RADAR_SITE_PORT: site.port: 0 is not between 1 and 65535"),
        ("RADAR_SITE_PROT", "1", "RADAR_SITE_PROT: unknown key; known are "),
    ],
)
def test_wrong_environment_variable_is_named(variable: str, value: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        load_config(None, {variable: value})


def test_secrets_and_what_is_not_ours_are_no_keys() -> None:
    environ = {"RADAR_MAIL_SMTP_PASSWORD": "a", "RADAR_MAIL_PASSWORD_AMT": "b", "RADAR_RUN_ID": "c"}
    assert load_config(None, environ) == Config()


def test_a_folder_in_the_place_of_the_file_is_no_missing_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "radar.toml").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_config(None, {})
