"""Scrapy settings, each with its reason. ``radar`` overrides some from radar.toml."""

BOT_NAME = "kommunalradar"
SPIDER_MODULES = ["crawler.spiders"]

# Who we are and how to reach the editors: press offices block what they cannot place.
USER_AGENT = "Kommunalradar/0.1 (+https://github.com/kommunalradar; contact: set [crawl] contact)"
# crawler.middlewares.robots does, more strictly.
ROBOTSTXT_OBEY = False
COOKIES_ENABLED = False
# No console and no HTTP server of its own: a crawl listens on no port.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# One request at a time and a pause for each host, many hosts at once: a town hall's server
# notices nothing, a round over hundreds of sources still ends in minutes.
# Requests that wait for their host's turn count among the concurrent ones: with fewer than there
# are hosts, most hosts would idle (measured by benchmarks/crawl_speed.py).
CONCURRENT_REQUESTS = 1000
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 2.0
# Scrapy starts so many workers for the items of each answer; a page has one item, and storing it
# waits for nothing (with the usual hundred a page costs twice as much).
CONCURRENT_ITEMS = 1
# Scrapy would read the source of a callback again with each answer.
WARN_ON_GENERATOR_RETURN_VALUE = False
# A pause is a promise: Scrapy's random half of it would be one in the mean only.
DOWNLOAD_DELAY_JITTER = 0.0
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 2.0
AUTOTHROTTLE_MAX_DELAY = 60.0

DOWNLOAD_TIMEOUT = 30
# Caps, before and after decompression: lists (feeds of 15 MB have been seen), pages, PDF.
DOWNLOAD_MAXSIZE = 15 * 1024 * 1024
PAGE_MAXSIZE = 8 * 1024 * 1024
PDF_MAXSIZE = 30 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
REDIRECT_MAX_TIMES = 10
# A list that says so many times in a row that it has moved for good is asked at its new address.
REDIRECT_BELIEVED_AFTER = 3
RETRY_TIMES = 1

DOWNLOAD_HANDLERS = {
    "http": "crawler.download.DownloadHandler",
    "https": "crawler.download.DownloadHandler",
    # Only the web: no file:, ftp: or s3: address can ever be fetched.
    "file": None,
    "ftp": None,
    "s3": None,
    "data": None,
}
# "127.0.0.1:8080" sends every request there instead, under its own host name: the sample
# press and the tests are crawled like this. None: the real web.
CONNECT_TO: str | None = None

TWISTED_DNS_RESOLVER = "crawler.middlewares.private_addresses.PublicOnlyResolver"

DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.private_addresses.PrivateAddressMiddleware": 50,
    "crawler.middlewares.only_hosts.OnlyHostsMiddleware": 60,
    "crawler.middlewares.robots.RobotsMiddleware": 100,
    "crawler.middlewares.reservations.ReservationMiddleware": 110,
    "crawler.middlewares.responses.KeepResponses": 570,
    "crawler.middlewares.redirects.PageRefreshMiddleware": 580,
    "crawler.middlewares.redirects.HostRedirectMiddleware": 600,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
}
# Nothing of these is used: depth is counted by ourselves, statuses are judged by ourselves, and a
# Referer would tell a host where else we read.
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
}
REFERER_ENABLED = False
ITEM_PIPELINES = {"crawler.pipelines.StorePipeline": 300}
EXTENSIONS = {
    "crawler.extensions.ProgressLines": 100,
    "crawler.extensions.HostThrottle": 0,
    "scrapy.extensions.throttle.AutoThrottle": None,
}

# Folder with one file a mail source, holding its password; "": the environment alone.
MAIL_SECRETS = ""
# Where items are kept; ``radar`` passes its own path.
NEWSROOM = "data/newsroom.db"
# The catalogue a bare ``scrapy crawl`` reads; "" trusts the sources already in the newsroom.
CATALOGUE = "crawler/sources"
# A newsroom's own source files, which win over the catalogue's; "" for none.
OWN_SOURCES = "data/sources"
# An item's page is looked at again while it is young, so that corrections and withdrawals
# are noticed: after so many hours, until so many days after publication.
RECHECK_AFTER_HOURS = 24.0
RECHECK_UNTIL_DAYS = 7.0
# List pages, archives and sitemap parts read in one run of one source.
MAX_LISTS = 5
# New pages of one source fetched in one run, the newest first; the next runs take up the others. At
# a pause of two seconds these are ten minutes: a whole site's sitemap must not hold up a round.
MAX_PAGES = 300
# A server that never changes its ETag is asked without conditions now and then.
FULL_FETCH_AFTER_HOURS = 12.0
# File with the only hosts to be asked, a line each, where hosts are shared out among several
# crawls; "": all.
ONLY_HOSTS = ""
# Folder in which robots.txt and tdmrep.json of the hosts are kept between crawls, for a day at most
# (RFC 9309, section 2.4): else every second request would be for them. "": they are not kept.
HOST_FILES = ""
# Folder in which lists and pages are kept as they were sent, and for how many days. "": nowhere.
RESPONSES = ""
RESPONSES_DAYS = 30.0
# "-" writes one JSON line an event to standard output, for radar's progress bar.
PROGRESS = ""
# With PROGRESS "-": whether standard input is held by the process that reads the progress, so that
# the crawl ends with it.
ENDS_WITH_STDIN = False

LOG_LEVEL = "INFO"
FEED_EXPORT_ENCODING = "utf-8"
