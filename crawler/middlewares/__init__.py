"""Downloader middlewares: the crawler's manners and its safety, one file each."""
