"""The live page: a small web server that shows runs and game days as they happen."""
