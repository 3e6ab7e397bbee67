"""The test suite: mirrors the apps, one file per module."""
