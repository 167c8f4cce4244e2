"""The catalogue: every key checked, every error naming file, key and mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.catalogue import LICENCES, SOURCES_DIR, CatalogueError, load_catalogue, load_source
from crawler.urls import canonical_url, is_home, same_site
from store.types import STATES, Source

FACTS = {
    "name": '"Stadt Köln: Pressemitteilungen"',
    "publisher": '"Stadt Köln"',
    "homepage": '"https://www.koeln.example/"',
    "land": '"DE-NW"',
    "kind": '"feed"',
    "url": '"https://www.koeln.example/rss.xml"',
    "licence": '"official"',
    "display": '"full"',
    "relevance": '"topic"',
    "schedule": '"adaptive"',
    "reference": '"https://www.koeln.example/rss"',
}


def write(folder: Path, stem: str = "nw_koeln", **changes: str | None) -> Path:
    facts = {key: value for key, value in {**FACTS, **changes}.items() if value is not None}
    path = folder / f"{stem}.toml"
    path.write_text("\n".join(f"{k} = {v}" for k, v in facts.items()), encoding="utf-8")
    return path


def test_a_source_is_read_with_its_defaults(tmp_path: Path) -> None:
    source = load_source(write(tmp_path))
    assert source == Source(
        id="nw_koeln",
        name="Stadt Köln: Pressemitteilungen",
        publisher="Stadt Köln",
        homepage="https://www.koeln.example/",
        kind="feed",
        url="https://www.koeln.example/rss.xml",
        licence="official",
        display="full",
        relevance="topic",
        schedule="adaptive",
        reference="https://www.koeln.example/rss",
        land="DE-NW",
        page=None,
        follow=True,
        min_items=1,
        checked=None,
    )


def test_optional_keys(tmp_path: Path) -> None:
    path = write(
        tmp_path, land=None, page='"kommune21"', follow="false", min_items="5",
        checked="2026-02-01", schedule='"15 6-20 * * 1-5"',
    )  # fmt: skip
    source = load_source(path)
    assert (source.land, source.page, source.follow) == (None, "kommune21", False)
    assert (source.min_items, source.checked) == (5, "2026-02-01")
    assert source.schedule == "15 6-20 * * 1-5"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"url": None}, "the key 'url' is missing"),
        ({"reference": None}, "the key 'reference' is missing; it is the public page that names"),
        ({"licence": None}, "the key 'licence' is missing; it is one of official, "),
        ({"licnece": '"official"'}, "unknown key 'licnece'; did you mean 'licence'?"),
        ({"xyz": "1"}, "unknown key 'xyz'; take it out"),
        ({"kind": '"rss"'}, "'kind' is 'rss', which is none of feed, sitemap, listing"),
        ({"kind": '"Feed"'}, "did you mean 'feed'?"),
        ({"display": '"all"'}, "'display' is 'all', which is none of link, headline"),
        ({"relevance": '"some"'}, "'relevance' is 'some', which is none of all, topic"),
        ({"licence": '"mine"'}, "'licence' is 'mine', which is none of"),
        ({"land": '"NW"'}, "'land' is 'NW', which is none of DE-BW"),
        ({"land": '"DE-XX"'}, "'land' is 'DE-XX'"),
        ({"name": '""'}, "'name' must be a text in quotes"),
        ({"publisher": "7"}, "'publisher' must be a text in quotes, not 7"),
        ({"url": '"koeln.example/rss.xml"'}, "'url': 'koeln.example/rss.xml' has no scheme"),
        ({"url": '"ftp://koeln.example/"'}, "the scheme ftp:"),
        ({"homepage": '"https://"'}, "'homepage': 'https://' has no host"),
        ({"reference": '"siehe Wiki"'}, "'reference': 'siehe Wiki' has no scheme"),
        ({"schedule": '"hourly"'}, "'schedule' is 'hourly', neither \"adaptive\" nor a cron"),
        ({"schedule": '"61 * * * *"'}, "'schedule' is '61 * * * *'"),
        ({"schedule": '"* * * * * *"'}, "it has 6 fields"),
        ({"schedule": '"0 0 31 2 *"'}, "'schedule' is '0 0 31 2 *'"),
        ({"page": '"../kommune21"'}, "'page' is '../kommune21'"),
        ({"follow": '"no"'}, "'follow' must be true or false, unquoted"),
        ({"min_items": "true"}, "'min_items' must be a whole number from 0 to 1000, not True"),
        ({"min_items": "-1"}, "not -1"),
        ({"min_items": "1001"}, "not 1001"),
        ({"paths": '"/presse/ aktuelles"'}, "'paths' has 'aktuelles'"),
        ({"checked": '"2026-02-01"'}, "'checked' must be a day without quotes"),
        ({"checked": "2026-02-01T10:00:00"}, "'checked' must be a day without quotes"),
        ({"name": '"offen'}, "not valid TOML"),
    ],
)
def test_a_mistake_names_file_key_and_mend(
    tmp_path: Path, changes: dict[str, str | None], message: str
) -> None:
    path = write(tmp_path, **changes)
    with pytest.raises(CatalogueError) as caught:
        load_source(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("stem", ["NW_koeln", "nw-koeln", "nw__koeln", "_koeln", "köln", "a b"])
def test_a_file_name_that_is_no_id(tmp_path: Path, stem: str) -> None:
    with pytest.raises(CatalogueError, match="the file name is the source id"):
        load_source(write(tmp_path, stem))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes('name = "Köln"'.encode("latin-1"))
    with pytest.raises(CatalogueError, match="save it as UTF-8"):
        load_source(latin)
    with pytest.raises(CatalogueError, match="cannot be read: No such file"):
        load_source(tmp_path / "fehlt.toml")


def test_a_catalogue_is_sorted_and_its_addresses_unique(tmp_path: Path) -> None:
    write(tmp_path, "sn_dresden", url='"https://www.dresden.example/rss"')
    write(tmp_path, "nw_koeln")
    assert [source.id for source in load_catalogue(tmp_path)] == ["nw_koeln", "sn_dresden"]
    write(tmp_path, "zweimal", url='"http://koeln.example/rss.xml?utm_source=x"')
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(tmp_path)
    assert "zweimal.toml" in str(caught.value)
    assert "nw_koeln.toml" in str(caught.value)


def test_a_folder_without_sources(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"no \*\.toml file here"):
        load_catalogue(tmp_path)


# --- the sources that come with the project ---------------------------------------------------


def test_the_shipped_catalogue_loads() -> None:
    sources = load_catalogue()
    assert len({source.id for source in sources}) == len(sources)
    assert len({source.url for source in sources}) == len(sources)


@pytest.mark.parametrize("source", load_catalogue(), ids=lambda source: source.id)
def test_a_shipped_source_is_plausible(source: Source) -> None:
    assert source.url.startswith("https://")
    assert source.homepage.startswith("https://")
    assert source.reference.startswith("https://")
    assert source.licence in LICENCES
    # what an authority publishes of itself may be shown in full, a publisher's texts may not
    if source.licence == "press":
        assert source.display in ("headline", "teaser")
    if source.licence == "official":
        assert source.land in STATES
    # nobody here has fetched one
    assert source.checked is None
    if source.land and source.land != "bund" and source.licence == "official":
        assert source.id.startswith(source.land.removeprefix("DE-").lower() + "_")
    # a feed may be served by a provider, but then somebody else must name it
    if not same_site(source.url, source.homepage):
        assert not same_site(source.url, source.reference)


@pytest.mark.parametrize("source", load_catalogue(), ids=lambda source: source.id)
def test_another_page_names_a_shipped_address(source: Source) -> None:
    named_by_itself = canonical_url(source.reference) == canonical_url(source.url)
    if source.kind in ("feed", "sitemap"):
        assert not named_by_itself, "a feed cannot vouch for its own address"
    if named_by_itself or is_home(source.reference):
        file = SOURCES_DIR / f"{source.id}.toml"
        # nothing better was found, and the file must say so
        assert file.read_text(encoding="utf-8").startswith("# ")


def test_every_shipped_file_is_a_source() -> None:
    assert all(path.suffix == ".toml" for path in SOURCES_DIR.iterdir() if path.is_file())
