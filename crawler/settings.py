"""Scrapy settings, each with its reason. ``radar`` overrides some from radar.toml."""

BOT_NAME = "kommunalradar"
SPIDER_MODULES = ["crawler.spiders"]

# Who we are and how to reach the editors: press offices block what they cannot place.
USER_AGENT = "Kommunalradar/0.1 (+https://github.com/kommunalradar; contact: set [crawl] contact)"
ROBOTSTXT_OBEY = True
COOKIES_ENABLED = False
# No console and no HTTP server of its own: a crawl listens on no port.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# One request at a time and a pause for each host, many hosts at once: a town hall's server
# notices nothing, a round over hundreds of sources still ends in minutes.
CONCURRENT_REQUESTS = 64
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 2.0
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 2.0
AUTOTHROTTLE_MAX_DELAY = 60.0

DOWNLOAD_TIMEOUT = 30
# Feeds of 15 MB have been seen; nothing we read is larger.
DOWNLOAD_MAXSIZE = 15 * 1024 * 1024
DOWNLOAD_WARNSIZE = 5 * 1024 * 1024
REDIRECT_MAX_TIMES = 10
RETRY_TIMES = 1
DEPTH_LIMIT = 0

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
}
ITEM_PIPELINES = {"crawler.pipelines.StorePipeline": 300}
EXTENSIONS = {"crawler.extensions.ProgressLines": 100}

# Where items are kept; ``radar`` passes its own path.
NEWSROOM = "data/newsroom.db"
# The catalogue a bare ``scrapy crawl`` reads; "" trusts the sources already in the newsroom.
CATALOGUE = "crawler/sources"
# An item's page is looked at again while it is young, so that corrections and withdrawals
# are noticed: after so many hours, until so many days after publication.
RECHECK_AFTER_HOURS = 24.0
RECHECK_UNTIL_DAYS = 7.0
# List pages, archives and sitemap parts read in one run of one source.
MAX_LISTS = 5
# A server that never changes its ETag is asked without conditions now and then.
FULL_FETCH_AFTER_HOURS = 12.0
# "-" writes one JSON line an event to standard output, for radar's progress bar.
PROGRESS = ""

LOG_LEVEL = "INFO"
FEED_EXPORT_ENCODING = "utf-8"
