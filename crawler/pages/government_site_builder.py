"""The federation's Government Site Builder: ministries and agencies under *.bund.de and others.

Its first h1 is „Navigation und Service“ or „Sie sind hier“; its day of publication stands in a
line of document data above the text.
"""

from __future__ import annotations

from crawler.pages.document import Document
from crawler.pages.structured import Structured
from crawler.pages.system import SystemPage


class GovernmentSiteBuilderPage(SystemPage):
    """A page of a federal office."""

    name = "government_site_builder"
    texts = (".c-content-article", ".article-full", ".article-text")
    places = (".main-content", ".l-content", "#content", "main#main", "main")
    titles = ("h1.isFirstInSlot", "h1.c-content-stage__headline", "h1.headline-title")
    dates = (".c-content-stage__date", ".docData", "span.date", "p.date", "p.number", "time")
    leads = (".intro", ".c-content-stage__p", ".abstract", ".introduction")
    sections = (".c-content-stage__theme",)
    outside = frozenset({
        "picture", "picture-element", "image-annotation", "docData", "dateOfRevision", "topline",
        "c-content-stage__date", "c-content-stage__type", "c-content-stage__theme",
        "content-meta-info",
        "navToTop", "navServiceMeta", "auralJump", "aural", "sharing", "socialmedia", "c-toolbar",
        "RichTextExtLinkIcon", "downloadLink", "navIndex", "skip", "breadcrumb", "c-share",
    })  # fmt: skip

    def detects(self, doc: Document, facts: Structured) -> bool:
        """By generator, by the body's class, or by the folder of its forms and styles."""
        return (
            "government site builder" in doc.generator
            or "gsb" in doc.body_classes
            or "siteglobals/" in doc.files
        )
