"""`radar parse` over PDFs and letters."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from radar.cli import radar
from radar.inspection import InspectionError, inspect_file, parser_for
from store.errors import RadarError
from tests.crawler.letters import RELEASE, letter, newsletter, teaser
from tests.crawler.pdfs import Put, flow, make_pdf, xmp

NOW = datetime(2026, 6, 1, tzinfo=UTC)
URL = "https://stadt.example/45.pdf"


def test_pdf_is_a_page(tmp_path: Path) -> None:
    file = tmp_path / "45.pdf"
    text = flow("Der Rat hat gestern beschlossen, den Haushalt im Netz zu zeigen.", top=700)
    title = Put("Rat beschließt digitalen Haushalt", 70, 760, 16, True)
    file.write_bytes(make_pdf([title, *text], metadata=xmp("1")))
    seen = inspect_file(file, URL, parser_for("page", now=NOW, page=None))
    assert seen["title"] == "Rat beschließt digitalen Haushalt"
    assert seen["pages"] == 1
    assert "tdm:reservation: 1" in seen["reservation"]


def test_scanned_pdf_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "scan.pdf"
    file.write_bytes(make_pdf([], picture=True))
    with pytest.raises(InspectionError, match="scanned, no text layer"):
        inspect_file(file, URL, parser_for("page", now=NOW, page=None))


def test_letter(tmp_path: Path) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(letter("Newsletter", html=newsletter(teaser(1), teaser(2))))
    seen = inspect_file(file, "mid:", parser_for("mail", now=NOW, page=None))
    assert seen["is_digest"]
    assert len(seen["entries"]) == 2
    assert "2 teasers" in seen["reason"]
    file.write_bytes(letter("Akte", RELEASE))
    assert not inspect_file(file, "mid:", parser_for("mail", now=NOW, page=None))["is_digest"]


def test_file_that_is_no_page(tmp_path: Path) -> None:
    file = tmp_path / "a.docx"
    file.write_bytes(b"PK\x03\x04" + bytes(range(256)) * 20)
    with pytest.raises(InspectionError, match="not HTML but a file"):
        inspect_file(file, URL, parser_for("page", now=NOW, page=None))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("mail", "fehlt.eml"), "fehlt.eml: cannot be read: No such file or directory"),
        (("page", ".", "--url", URL), ".: cannot be read: Is a directory"),
        (("page", "--list", "fehlt.jsonl"), "fehlt.jsonl: cannot be read: No such file"),
        (("page", "a.html", "--url", "stadt"), "--url: 'stadt' "),
        (("page", "a.html", "--url", "ftp://stadt.example/1"), "only http and https"),
        (("feed", "a.html", "--url", URL), "a.html: https://stadt.example/45.pdf: an HTML page"),
        (("mail", "a.html"), "a.html: no letter"),
        (("page", "a.html", "--url", URL, "--source", "keine"), "no source 'keine'"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.html").write_text("<html><body>kein Brief</body></html>")
    result = CliRunner().invoke(radar, ["parse", *arguments])
    assert isinstance(result.exception, RadarError), result.output
    message = str(result.exception)
    assert said in message
    assert "Errno" not in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("quark", "a.html"),
        ("page", "a.html"),
        ("page", "a.html", "--url", ""),
        ("page", "a.html", "--url", URL, "--list", "b.jsonl"),
        ("feed", "a.html", "--url", URL, "--source", "nw_koeln"),
    ],
)
def test_wrong_use_says_how(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(radar, ["parse", *arguments])
    assert result.exit_code == 2
    assert "Error: " in result.output
