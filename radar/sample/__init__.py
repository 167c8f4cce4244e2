"""The sample press: sixteen invented sources that answer like real ones, for demo and tests."""
