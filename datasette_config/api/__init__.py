"""The archive's JSON interface, version 1: its questions, its answers, its description."""
