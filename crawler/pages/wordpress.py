"""WordPress sites: any theme that keeps its conventions, tagDiv's newspaper themes among them."""

from __future__ import annotations

from lxml.html import HtmlElement

from crawler.pages.document import Document
from crawler.pages.marks import Marked
from crawler.pages.reading import Reading
from crawler.pages.structured import Structured
from crawler.pages.system import SystemPage

#: Body classes that WordPress itself writes (body_class(), Theme Handbook).
_SINGLE = frozenset({"single", "single-post", "page-template-default", "singular"})
_LISTS = frozenset({"archive", "category", "tag", "blog", "search-results", "date", "tax"})


class WordPressPage(SystemPage):
    """A post, page or archive of a WordPress site."""

    name = "wordpress"
    texts = (
        ".td-post-content", ".tdb_single_content", ".elementor-widget-theme-post-content",
        ".et_pb_post_content", ".entry-content", ".wp-block-post-content", ".single-entry-content",
        ".post-entry", ".post-content", ".single-content", ".entry-inner", ".post-text",
        ".entry", ".pf-content", ".page-content", "@itemprop=articleBody",
    )  # fmt: skip
    titles = ("h1.entry-title", "h1.tdb-title-text", "h1.post-title", "h1.wp-block-post-title")
    dates = ("time.entry-date", ".td-post-date", ".entry-date", ".post-date", ".published")
    leads = (".td-post-sub-title", ".entry-summary", ".entry-subtitle", ".post-excerpt")
    authors = (
        ".td-post-author-name",
        ".tdb-author-name",
        ".author-name",
        ".byline",
        ".entry-author",
    )
    sections = (".td-category", ".tdb_single_categories", ".entry-category", ".cat-links")
    outside = frozenset({
        "td-category", "td-module-meta-info", "byline", "entry-author", "cat-links",
        "sharedaddy", "jp-relatedposts", "yarpp", "yarpp-related", "related-posts",
        "td-a-rec", "td-adspot-title", "td_block_related_posts", "td-post-sharing", "author-box",
        "addtoany_share_save_container", "heateor_sss_sharing_container", "shariff", "crp_related",
        "comments-area", "post-navigation", "wp-caption-text", "wp-block-latest-posts",
        "wp-block-embed", "wp-block-button", "wp-block-buttons", "post-tags", "entry-footer",
        "entry-meta", "post-meta", "screen-reader-text", "ez-toc-container", "toc_container",
        "rp4wp-related-posts", "wp-block-post-author", "abh_box", "saboxplugin-wrap",
    })  # fmt: skip

    def detects(self, doc: Document, facts: Structured) -> bool:
        """By generator, by the REST link that WordPress puts into every head, or by file paths."""
        return (
            "wordpress" in doc.generator
            or "/wp-content/themes/" in doc.files
            or "/wp-json/" in doc.files
        )

    def container(self, doc: Document, marked: Marked) -> HtmlElement | None:
        """The post's text; archives have none of their own."""
        if doc.body_classes & _LISTS and not doc.body_classes & _SINGLE:
            return None
        return super().container(doc, marked)

    def is_known_list(self, reading: Reading) -> bool:
        """Archives say so in the body's classes."""
        return bool(reading.doc.body_classes & _LISTS) or super().is_known_list(reading)

    def is_list(self, reading: Reading) -> bool:
        """Archives say so in the body's classes."""
        classes = reading.doc.body_classes
        if classes & _SINGLE:
            return False
        if classes & _LISTS and self.main_group(reading, expected=True) is not None:
            return True
        return super().is_list(reading)
