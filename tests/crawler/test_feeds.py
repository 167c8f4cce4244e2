"""Feeds: every format, German notations, wrong encodings, and each kind of damage."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime

import pytest

from crawler.decoding import MAX_BYTES
from crawler.feeds import FeedError, parse_feed, parse_posts
from crawler.types import Entry, EntryList

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://www.stadt.example/presse/rss.xml"

NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:itunes="http://www.itunes.com/DTDs/PodCast-1.0.dtd" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)


def rss(*items: str, head: str = "<title>Stadt Köln</title>", encoding: str = "UTF-8") -> str:
    body = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n'
        f'<rss version="2.0" {NAMESPACES}><channel>{head}{body}</channel></rss>'
    )


def item(title: str = "Titel", link: str = "/m/1", more: str = "") -> str:
    return f"<title>{title}</title><link>{link}</link>{more}"


def read(text: str | bytes, content_type: str | None = None) -> EntryList:
    body = text if isinstance(text, bytes) else text.encode()
    return parse_feed(body, URL, now=NOW, content_type=content_type)


def only(text: str | bytes, content_type: str | None = None) -> Entry:
    found = read(text, content_type)
    assert found.skipped == ()
    (entry,) = found.entries
    return entry


def published(entry: Entry) -> str | None:
    return entry.published.iso() if entry.published else None


# --- formats -------------------------------------------------------------------------------


def test_rss_20_with_everything() -> None:
    found = read(
        rss(
            item(
                "Neue App für Bürger",
                "https://www.stadt.example/m/1?utm_source=rss#x",
                "<guid isPermaLink='false'>m-1</guid>"
                "<description>&lt;p&gt;Kurz und &amp;lt;klar&amp;gt;.&lt;/p&gt;</description>"
                "<content:encoded><![CDATA[<p>Erster Absatz.</p>"
                '<img src="/pixel.gif" width="1"><img src="/bild.jpg"><p>Zweiter.</p>]]>'
                "</content:encoded><dc:creator>Presseamt</dc:creator>"
                "<category>Allgemein</category><category>Digitales</category>"
                "<kicker>Kalk</kicker><genre>Interview</genre>"
                "<pubDate>Mo, 02 Mär 2026 10:00:00 MEZ</pubDate>",
            ),
            head="<title>Stadt Köln</title><description>Meldungen</description>",
        )
    )
    assert (found.title, found.teaser) == ("Stadt Köln", "Meldungen")
    (entry,) = found.entries
    assert entry.url == "https://www.stadt.example/m/1"
    assert entry.title == "Neue App für Bürger"
    assert entry.guid == "m-1"
    assert entry.kicker == "Kalk"
    assert entry.genre == "Interview"
    assert entry.teaser == "Kurz und <klar>."
    assert entry.body == "Erster Absatz.\nZweiter."
    assert entry.section == "Digitales"
    assert entry.author == "Presseamt"
    assert entry.image == "https://www.stadt.example/bild.jpg"
    assert published(entry) == "2026-03-02T10:00:00+01:00"
    assert entry.date_source == "entry"


@pytest.mark.parametrize("version", ["0.91", "0.92", "0.93", "0.94"])
def test_rss_09x(version: str) -> None:
    entry = only(
        f'<rss version="{version}"><channel><title>T</title><item><title>A</title>'
        "<link>http://www.stadt.example/a</link><description>B</description></item></channel></rss>"
    )
    assert (entry.url, entry.title, entry.teaser) == ("http://www.stadt.example/a", "A", "B")


def test_rss_091_with_netscapes_doctype_and_entities() -> None:
    entry = only(
        '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
        '"http://my.netscape.com/publish/formats/rss-0.91.dtd">'
        '<rss version="0.91"><channel><title>T</title><item><title>M&uuml;nchen</title>'
        "<link>/a</link></item></channel></rss>"
    )
    assert entry.title == "München"


def test_rss_10_that_names_the_w3cs_letters() -> None:
    entry = only(
        '<!DOCTYPE rdf:RDF [<!ENTITY % HTMLlat1 PUBLIC "-//W3C//ENTITIES Latin 1 for XHTML//EN" '
        '"http://www.w3.org/TR/xhtml1/DTD/xhtml-lat1.ent">%HTMLlat1;]><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/"><item rdf:about="https://www.kreis.example/1">'
        "<title>L&uuml;beck</title><link>https://www.kreis.example/1</link></item></rdf:RDF>"
    )
    assert entry.title == "Lübeck"


def test_rss_10_takes_dc_date_for_publication() -> None:
    entry = only(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns="http://purl.org/rss/1.0/" {NAMESPACES}><channel rdf:about="x"><title>Kreis</title>'
        '</channel><item rdf:about="https://www.kreis.example/1"><title>T</title>'
        "<link>https://www.kreis.example/1</link><description>D</description>"
        "<dc:date>2026-03-01T09:00:00+01:00</dc:date></item></rdf:RDF>"
    )
    assert entry.url == "https://www.kreis.example/1"
    assert published(entry) == "2026-03-01T09:00:00+01:00"
    assert entry.date_source == "entry"


def test_atom_10() -> None:
    found = read(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Jena</title><subtitle>Presse</subtitle>'
        '<link rel="self" href="/feed"/><link rel="next" href="/feed?seite=2"/><entry>'
        "<id>tag:jena.example,2026:1</id>"
        '<title type="html">K&amp;uuml;hl &amp;amp; klar</title><link href="/a"/>'
        "<published>2026-03-01T09:00:00+01:00</published><updated>2026-03-02T09:00:00Z</updated>"
        '<summary>Kurz</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
        "<p>Eins</p><p>Zwei</p></div></content><author><name>Amt</name></author>"
        '<category term="ki" label="KI &amp; Daten"/></entry></feed>'
    )
    assert found.further == ("https://www.stadt.example/feed?seite=2",)
    (entry,) = found.entries
    assert entry.title == "Kühl & klar"
    assert entry.guid == "tag:jena.example,2026:1"
    assert (entry.teaser, entry.body) == ("Kurz", "Eins\nZwei")
    assert (entry.author, entry.section) == ("Amt", "KI & Daten")
    assert published(entry) == "2026-03-01T09:00:00+01:00"
    assert (entry.date_source, entry.modified) == ("entry", "2026-03-02T09:00:00Z")


def test_atoms_updated_alone_is_marked_as_a_change() -> None:
    entry = only(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>J</title><entry><id>urn:1</id>'
        '<title>A</title><link href="/a"/><updated>2026-03-02T09:00:00Z</updated></entry></feed>'
    )
    assert published(entry) == "2026-03-02T10:00:00+01:00"
    assert entry.date_source == "entry-updated"


def test_atom_03() -> None:
    entry = only(
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>J</title><entry>'
        '<title>A</title><link rel="alternate" href="https://a.example/1"/>'
        "<issued>2026-03-02T09:00:00</issued><modified>2026-03-03T09:00:00Z</modified>"
        "</entry></feed>"
    )
    assert entry.url == "https://a.example/1"
    assert published(entry) == "2026-03-02T09:00:00+01:00"


def test_json_feed() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Ministerium",
        "description": "Presse",
        "next_url": "?seite=2",
        "authors": [{"name": "Pressestelle"}],
        "items": [
            {
                "id": "1",
                "url": "/a",
                "title": "T & < x",
                "summary": "Kurz",
                "content_html": "<p>a</p><p>b</p>",
                "date_published": "2026-03-01T09:00:00+01:00",
                "date_modified": "2026-03-02T09:00:00+01:00",
                "tags": ["KI"],
                "image": "/i.png",
                "attachments": [{"url": "f.mp4", "mime_type": "video/mp4",
                                 "duration_in_seconds": 5540}],
            },
            {"id": 2, "external_url": "https://b.example/", "content_text": "a < b\n\nc"},
            {"id": "ohne"},
            7,
        ],
    }  # fmt: skip
    found = read(json.dumps(feed))
    assert (found.title, found.teaser) == ("Ministerium", "Presse")
    assert found.further == (f"{URL}?seite=2",)
    first, second = found.entries
    assert first.url == "https://www.stadt.example/a"
    assert (first.title, first.teaser, first.body) == ("T & < x", "Kurz", "a\nb")
    assert (first.author, first.section, first.duration_s) == ("Pressestelle", "KI", 5540)
    assert first.image == "https://www.stadt.example/i.png"
    assert published(first) == "2026-03-01T09:00:00+01:00"
    assert (second.guid, second.body) == ("2", "a < b\nc")
    assert found.skipped == ("entry 3: it has no link", "entry 4: it is no object but 7")


def test_a_video_channel() -> None:
    entry = only(
        '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" '
        'xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">'
        "<title>Kanal</title><entry><id>yt:video:abc</id><title>Gespräch</title>"
        '<link rel="alternate" href="https://video.example/watch?v=abc"/>'
        "<published>2026-03-02T10:00:00+00:00</published><media:group>"
        '<media:content url="https://video.example/v/abc" duration="5540"/>'
        '<media:thumbnail url="https://video.example/t.jpg"/>'
        "<media:description>Zeile eins\nZeile zwei</media:description><media:community>"
        '<media:statistics views="1329"/></media:community></media:group></entry></feed>'
    )
    assert entry.url == "https://video.example/watch?v=abc"
    assert (entry.duration_s, entry.views) == (5540, 1329)
    assert entry.image == "https://video.example/t.jpg"
    assert entry.teaser == "Zeile eins Zeile zwei"


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [
        ("156", 156), ("156.4", 156), ("2:36", 156), ("1:32:20", 5540), ("PT1H32M20S", 5540),
        ("PT156S", 156), ("PT00H02M22S", 142), ("", None), ("0", None), ("lang", None),
    ],
)  # fmt: skip
def test_durations(duration: str, seconds: int | None) -> None:
    more = f"<itunes:duration>{duration}</itunes:duration>"
    assert only(rss(item(more=more))).duration_s == seconds


# --- fields --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Do, 31 Okt 2019 10:00:00 +0100", "2019-10-31T10:00:00+01:00"),
        ("31.10.2019 12:00 Uhr", "2019-10-31T12:00:00+01:00"),
        ("Mon, 07 Jul 2025 14:30:00 MESZ", "2025-07-07T14:30:00+02:00"),
        ("Mon, 07 Jul 2025 14:30:00 Europe/Berlin", "2025-07-07T14:30:00+02:00"),
        ("Mon, 07 Jul 2025 24:00:00 +0200", "2025-07-08T00:00:00+02:00"),
        ("12.03.2025", "2025-03-12"),
    ],
)
def test_dates_are_read_by_us_and_not_by_feedparser(raw: str, expected: str) -> None:
    entry = only(rss(item(more=f"<pubDate>{raw}</pubDate>")))
    assert published(entry) == expected
    assert entry.published is not None
    assert entry.published.raw == raw


def test_a_refused_date_is_noted_and_null() -> None:
    found = read(rss(item(more="<pubDate>Mon, 10 Mar 2031 10:00:00 +0100</pubDate>")))
    assert found.entries[0].published is None
    assert found.notes == ("entry 1: 'Mon, 10 Mar 2031 10:00:00 +0100' was refused as a date",)


@pytest.mark.parametrize(
    "summary",
    [
        "Der Text.",
        "Der Text. [&#8230;]",
        "&lt;p&gt;Der Text.&lt;/p&gt;&lt;p&gt;Der Beitrag X erschien zuerst auf Y.&lt;/p&gt;",
        "&lt;p&gt;Der Text.&lt;/p&gt; &lt;a href='/a'&gt;Weiterlesen …&lt;/a&gt;",
        "&amp;lt;p&amp;gt;Der Text.&amp;lt;/p&amp;gt;",
        "Der Text. mehr...",
        "Der Text. mehr",
        "Der Text. [mehr]",
        "Der Text. (Weiterlesen)",
        "Der Text. Zum Artikel →",
    ],
)
def test_what_systems_append_to_summaries_goes(summary: str) -> None:
    teaser = only(rss(item(more=f"<description>{summary}</description>"))).teaser
    assert teaser is not None
    assert teaser.removesuffix(" …") == "Der Text."


@pytest.mark.parametrize("end", ["das will keiner mehr", "Wege sind vermehr", "5 oder mehr."])
def test_a_sentence_may_end_so_too(end: str) -> None:
    assert only(rss(item(more=f"<description>Ja, {end}</description>"))).teaser == f"Ja, {end}"


def test_a_long_description_is_the_text_and_no_teaser() -> None:
    text = "&lt;p&gt;Absatz.&lt;/p&gt;" * 4
    entry = only(rss(item(more=f"<description>{text}</description>")))
    assert entry.teaser is None
    assert entry.body == "\n".join(["Absatz."] * 4)


def test_a_colon_in_a_title_is_no_kicker() -> None:
    entry = only(rss(item("Köln: Neue App")))
    assert (entry.kicker, entry.title) == (None, "Köln: Neue App")


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("presse@stadt.example (Presseamt)", "Presseamt"),
        ("presse@stadt.example", None),
        ("admin", None),
        ("Stadt Köln", "Stadt Köln"),
    ],
)
def test_authors(author: str, expected: str | None) -> None:
    assert only(rss(item(more=f"<author>{author}</author>"))).author == expected


def test_all_authors_are_named() -> None:
    names = "<dc:creator>Amt A</dc:creator><dc:creator>Amt B</dc:creator>"
    assert only(rss(item(more=names))).author == "Amt A, Amt B"


def test_content_that_lies_elsewhere_is_the_link_if_there_is_no_other() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>J</title><entry><id>urn:1</id>'
        '<title>A</title><content type="application/pdf" src="/a.pdf"/></entry></feed>'
    )
    assert only(atom).url == "https://www.stadt.example/a.pdf"


def test_a_doctype_of_html_makes_no_page() -> None:
    assert only("<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0//EN' ''>" + rss(item())).url


def test_feedburners_original_link_is_preferred() -> None:
    more = "<feedburner:origLink>https://www.stadt.example/echt</feedburner:origLink>"
    assert only(rss(item(link="https://feeds.example/~r/1", more=more))).url == (
        "https://www.stadt.example/echt"
    )


def test_a_guid_is_a_link_only_if_it_is_written_as_one() -> None:
    found = read(
        rss(
            "<title>A</title><guid>https://www.stadt.example/m/9</guid>",
            "<title>B</title><guid>4711</guid>",
        )
    )
    assert [entry.url for entry in found.entries] == ["https://www.stadt.example/m/9"]
    assert found.skipped == ("entry 2: it has no link",)


def test_a_repeated_guid_identifies_nothing() -> None:
    guid = "<guid isPermaLink='false'>1</guid>"
    found = read(rss(item(link="/a", more=guid), item(link="/b", more=guid)))
    assert [entry.guid for entry in found.entries] == [None, None]


# --- encodings -----------------------------------------------------------------------------

TEXT = rss(item("Größe – „Müller“"), encoding="%s")


@pytest.mark.parametrize(
    ("declared", "real", "content_type"),
    [
        ("UTF-8", "utf-8", None),
        ("UTF-8", "utf-8", "text/xml"),  # RFC 3023 would have it us-ascii
        ("ISO-8859-1", "cp1252", None),
        ("ISO-8859-1", "cp1252", "application/rss+xml"),
        ("windows-1252", "cp1252", "text/xml; charset=windows-1252"),
        ("UTF-8", "cp1252", "text/xml; charset=iso-8859-1"),  # the header is right
        ("ISO-8859-1", "utf-8", "text/xml; charset=iso-8859-1"),  # both are wrong
        ("UTF-8", "cp1252", "text/xml; charset=utf-8"),  # both are wrong
        ("UTF-8", "cp1252", None),
        ("unsinn", "cp1252", "text/xml; charset=auch-unsinn"),
        ("UTF-8", "utf-8-sig", None),
        ("UTF-16", "utf-16", None),
        ("UTF-16", "utf-16-le", None),
    ],
)
def test_encodings(declared: str, real: str, content_type: str | None) -> None:
    assert only((TEXT % declared).encode(real), content_type).title == "Größe – „Müller“"


def test_utf8_and_windows_1252_in_one_feed() -> None:
    body = rss(item("Größe"), item("Maß", "/m/2")).encode().replace("Maß".encode(), b"Ma\xdf")
    assert [entry.title for entry in read(body).entries] == ["Größe", "Maß"]


def test_text_that_was_wrongly_encoded_before_it_came_is_repaired() -> None:
    assert only(rss(item("MÃ¼nchen â€“ GrÃ¶ÃŸe"))).title == "München – Größe"


def test_a_misread_nbsp_leaves_nothing_behind() -> None:
    assert only(rss(item("20Â\xa0Â°C in KÃ¶ln"))).title == "20 °C in Köln"


def test_lost_letters_are_noted_and_not_guessed() -> None:
    found = read(rss(item("B\ufffdrger"), item("B?rgermeister", "/2"), item("Gut?", "/3")))
    assert [entry.title for entry in found.entries] == ["B\ufffdrger", "B?rgermeister", "Gut?"]
    assert found.notes == (
        "entry 1: letters were lost or misread before the list was sent",
        "entry 2: letters were lost or misread before the list was sent",
    )


def test_gzip_is_unpacked() -> None:
    assert only(gzip.compress(rss(item()).encode())).title == "Titel"


# --- bad entries ---------------------------------------------------------------------------


def test_one_bad_entry_is_skipped_with_its_reason() -> None:
    found = read(
        rss(
            item("Gut", "/gut"),
            "<title>Ohne Link</title>",
            item("Skript", "javascript:alert(1)"),
            item("x" * 3_000_000, "/lang"),
            item("Noch einmal", "/gut?utm_source=x"),
            item("Auch gut", "../auch"),
        )
    )
    assert [entry.url for entry in found.entries] == [
        "https://www.stadt.example/gut",
        "https://www.stadt.example/auch",
    ]
    assert [line.partition(": ")[0] for line in found.skipped] == [
        "entry 2",
        "entry 3",
        "entry 4",
        "entry 5",
    ]
    assert "the scheme javascript:" in found.skipped[1]
    assert found.skipped[3].endswith(
        "https://www.stadt.example/gut was already named by an entry above"
    )
    assert found.skipped[2].endswith("its title has 3,000,000 characters, more than 1,000")
    assert all("\n" not in line and len(line) < 300 for line in found.skipped)


@pytest.mark.parametrize(
    "damage",
    [
        "<title>Schlecht &#x110000; Zeichen</title><link>/s</link>",
        "<title>Schlecht</title><link>http://[foo/</link>",
        "<title>Schlecht</title><link>/s</link><georss:where xmlns:georss="
        "'http://www.georss.org/georss'><gml:pos>1 x</gml:pos></georss:where>",
    ],
)
def test_what_breaks_the_parser_costs_one_entry_at_most(damage: str) -> None:
    found = read(rss(item("Gut", "/1"), damage, item("Auch gut & mehr", "/2")))
    titles = [entry.title for entry in found.entries]
    assert titles[0] == "Gut"
    assert titles[-1] == "Auch gut & mehr"
    assert len(found.entries) + len(found.skipped) == 3


def test_bare_ampersands_and_html_entities_lose_nothing() -> None:
    found = read(
        rss(
            item("Bürger & Rat", "/1?a=1&b=2"),
            item("M&uuml;ller &nbsp;&ndash; Amt", "/2"),
            item("12.03. ist der Tag", "/3"),
        )
    )
    assert [entry.title for entry in found.entries] == [
        "Bürger & Rat",
        "Müller – Amt",
        "12.03. ist der Tag",
    ]
    assert found.entries[0].url == "https://www.stadt.example/1?a=1&b=2"


def test_nuls_and_control_characters_are_dropped() -> None:
    assert only(rss(item("Ti\x00tel\x0b"))).title == "Titel"


def test_php_notices_and_blank_lines_before_the_document() -> None:
    assert only("\n\n  " + rss(item())).title == "Titel"
    assert only("<b>Notice</b>: Undefined index in x.php\n" + rss(item())).title == "Titel"


def test_a_truncated_feed_keeps_what_is_whole() -> None:
    text = rss(item("Eins", "/1"), item("Zwei", "/2"), item("Drei", "/3", "<description>halb"))
    found = read(text[: text.index("halb")])
    assert [entry.title for entry in found.entries] == ["Eins", "Zwei"]
    assert found.skipped == ("entry 3: the feed breaks off in the middle of it",)


def test_more_entries_than_any_feed_has_are_refused() -> None:
    with pytest.raises(FeedError, match="50,001 entries, more than 50,000; ask its publisher"):
        read("<rss><channel>" + "<item/>" * 50_001)


# --- no feed at all ------------------------------------------------------------------------


def test_an_empty_feed_is_no_error_here() -> None:
    assert read(rss()).entries == ()
    assert read('{"version": "https://jsonfeed.org/version/1", "items": []}').entries == ()


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaa"><!ENTITY c "&a;&a;&a;&a;">]>'
    "<rss><channel><item><title>&c;</title><link>/a</link></item></channel></rss>"
)
OUTSIDE = BOMB.replace('<!ENTITY a "aaaaaaaa">', '<!ENTITY a SYSTEM "file:///etc/passwd">')


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the body is empty"),
        (b" \r\n\x00", "the body is empty"),
        (b"Wartung", "this is no feed, it begins with 'Wartung'"),
        (
            b"<!DOCTYPE html><html><head><title>Stadt</title></head><body>Hallo",
            "an HTML page came instead of a feed (Stadt)",
        ),
        (
            b'<html><head><link rel="alternate" type="application/rss+xml" href="/neu.xml">',
            "the page names https://www.stadt.example/neu.xml as its feed",
        ),
        (
            b"<html><head><title>Anmeldung</title></head>",
            "a login page came instead of a feed (Anmeldung)",
        ),
        (b"<html><form><input type='password'></form>", "a login page came instead of a feed"),
        (b'{"error": "nicht gefunden"}', "names no JSON Feed version"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": [', "its JSON is broken"),
        (b'{"version": "https://jsonfeed.org/version/1"}', "no list of items"),
        (b"[1, 2]", "a bare list"),
        (b"[" * 100_000, "its JSON is broken"),
        (b"\x1f\x8bkaputt", "gzip compression is broken"),
        (gzip.compress(b"x" * 100_000, mtime=0)[:50], "gzip compression breaks off"),
        (gzip.compress(b" " * (MAX_BYTES + 1), mtime=0), "larger than 15 MB"),
        (b"<rss>" + b" " * MAX_BYTES, "larger than 15 MB"),
        (BOMB.encode(), "XML entities that grow"),
        (OUTSIDE.encode(), "XML entities that grow or fetch"),
        (
            b"<rss version='2.0'><channel><item><title>A</title></item></channel></rss>",
            "none of its 1 entries can be read (entry 1: it has no link)",
        ),
    ],
)
def test_what_is_no_feed_fails_in_one_clear_line(body: bytes, reason: str) -> None:
    with pytest.raises(FeedError) as caught:
        read(body)
    message = str(caught.value)
    assert reason in message
    assert message.startswith(f"{URL}: ")
    assert "; " in message, "the mend is missing"
    assert "\n" not in message
    assert len(message) < 400


# --- WordPress -----------------------------------------------------------------------------


def post(**changes: object) -> dict[str, object]:
    return {
        "id": 7,
        "date": "2026-03-02T10:00:00",
        "date_gmt": "2026-03-02T09:00:00",
        "modified_gmt": "2026-03-03T09:00:00",
        "link": "https://www.stadt.example/2026/03/02/app/",
        "guid": {"rendered": "https://www.stadt.example/?p=7"},
        "title": {"rendered": "K&uuml;hl &#8211; klar &amp; neu"},
        "excerpt": {"rendered": "<p>Kurz [&hellip;]</p>\n", "protected": False},
        "content": {"rendered": "<p>Eins</p>\n<p>Zwei</p>", "protected": False},
        "_embedded": {
            "author": [{"name": "Presseamt"}],
            "wp:featuredmedia": [{"source_url": "https://www.stadt.example/b.jpg"}],
            "wp:term": [
                [{"taxonomy": "post_tag", "name": "app"}],
                [{"taxonomy": "category", "name": "Digitales"}],
            ],
        },
        **changes,
    }


def posts(*given: object) -> EntryList:
    return parse_posts(json.dumps(list(given)).encode(), URL, now=NOW)


def test_wordpress_posts() -> None:
    (entry,) = posts(post()).entries
    assert entry.url == "https://www.stadt.example/2026/03/02/app/"
    assert entry.guid == "https://www.stadt.example/?p=7"
    assert entry.title == "Kühl – klar & neu"
    assert (entry.teaser, entry.body) == ("Kurz …", "Eins\nZwei")
    assert (entry.author, entry.section) == ("Presseamt", "Digitales")
    assert entry.image == "https://www.stadt.example/b.jpg"
    assert published(entry) == "2026-03-02T10:00:00+01:00"
    assert entry.published is not None
    assert (entry.published.raw, entry.published.zone) == ("2026-03-02T09:00:00", "given")
    assert entry.modified == "2026-03-03T09:00:00"


def test_wordpress_local_time_where_gmt_is_empty() -> None:
    (entry,) = posts(post(date_gmt="0000-00-00T00:00:00")).entries
    assert published(entry) == "2026-03-02T10:00:00+01:00"
    assert entry.published is not None
    assert entry.published.zone == "berlin"


def test_wordpress_without_what_was_not_embedded_or_is_locked() -> None:
    locked = post(_embedded=None, content={"rendered": "<p>Passwort:</p>", "protected": True})
    (entry,) = posts(locked).entries
    assert (entry.body, entry.author, entry.section, entry.image) == (None, None, None, None)
    found = posts(post(link=None, guid=None), 7, post())
    assert len(found.entries) == 1
    assert len(found.skipped) == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"code": "rest_disabled", "message": "Nicht erlaubt"}', "WordPress answers: Nicht"),
        (b"<html><title>Stadt</title>", "an HTML page came instead of a WordPress answer"),
        (b"", "the body is empty"),
        (b'"text"', "this is no WordPress answer"),
        (b"[", "its JSON is broken"),
    ],
)
def test_what_is_no_wordpress_answer_fails_in_one_line(body: bytes, reason: str) -> None:
    with pytest.raises(FeedError) as caught:
        parse_posts(body, URL, now=NOW)
    assert reason in str(caught.value)
    assert URL in str(caught.value)
