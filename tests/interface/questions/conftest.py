"""What the question tests share: the desk of the inbound tests."""

from __future__ import annotations

from tests.interface.inbound.conftest import desk

__all__ = ["desk"]
