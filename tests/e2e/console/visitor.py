"""Somebody at a browser, who notices what a page complains of and looks it over as WCAG 2.2 A and AA ask."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import ConsoleMessage, Page, Response

AXE: Final = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
LEVELS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# All that another palette can spoil.
OF_COLOUR: Final = ["color-contrast", "link-in-text-block"]
WIDE: Final = {"width": 1280, "height": 900}
# 1280 pixels at 400 % zoom.
NARROW: Final = {"width": 320, "height": 256}

_AXE: Final = """async ([part, kind, values]) => (await axe.run(part,
  { runOnly: { type: kind, values: values }, resultTypes: ['violations'], preload: false })).violations.map(
    one => one.id + ': ' + one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | '))"""

# What is wider than the page, or cut off where nobody can scroll to it.
_LOST: Final = """() => {
  const found = []
  const room = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth > room) {
    const wide = [...document.querySelectorAll('body *')].filter(one =>
      one.getBoundingClientRect().right > room + 0.5 && !one.closest('[tabindex="0"], .visually-hidden, svg *'))
    found.push('wider than the page by ' + (document.documentElement.scrollWidth - room) + ': '
      + wide.slice(0, 3).map(one => one.outerHTML.slice(0, 120)).join(' | '))
  }
  for (const one of document.querySelectorAll('main *')) {
    if (one.scrollWidth <= one.clientWidth + 1 || one.closest('.visually-hidden, svg, select')) continue
    const style = getComputedStyle(one)
    if (style.overflowX === 'visible' || style.display === 'inline' || /^(INPUT|TEXTAREA)$/.test(one.tagName)) continue
    if (style.position === 'absolute' && one.clientWidth <= 1) continue
    const region = one.tabIndex === 0 && one.getAttribute('role') === 'region'
      && (one.getAttribute('aria-label') || one.getAttribute('aria-labelledby'))
    if (!region) found.push('cut off: ' + one.outerHTML.slice(0, 140))
  }
  return found
}"""

# Every control is reached in the order of the page, and looks otherwise where the focus is.
_FOCUS: Final = """part => {
  const look = one => { const s = getComputedStyle(one); return [s.outlineStyle === 'none' ? '' : s.outlineWidth
    + s.outlineColor, s.boxShadow, s.borderTopColor, s.backgroundColor].join() }
  const found = []
  const controls = [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex], [role=button], [onclick]')]
    .filter(one => one.closest(part))
  for (const one of controls) {
    if (one.disabled || !one.checkVisibility({ visibilityProperty: true })) continue
    if (one.closest('dialog:not([open])')) continue
    if (one.tabIndex > 0) found.push('out of order: ' + one.outerHTML.slice(0, 120))
    if (one.tabIndex < 0) {
      const stands_for = one.closest('.select2-container') || one.classList.contains('select2-hidden-accessible')
      if (one.tagName !== 'MAIN' && !stands_for) found.push('not reached: ' + one.outerHTML.slice(0, 120))
      continue
    }
    document.activeElement.blur()
    const before = look(one)
    one.focus({ preventScroll: true })
    if (document.activeElement !== one) found.push('takes no focus: ' + one.outerHTML.slice(0, 120))
    else if (look(one) === before) found.push('focus not seen: ' + one.outerHTML.slice(0, 120))
  }
  return found
}"""


class Visitor:
    """One account's browser. ``troubles`` are what pages said and nobody asked for."""

    def __init__(self, page: Page, name: str) -> None:
        self.page, self.name = page, name
        self.troubles: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.on("response", self._heed)

    def _hear(self, message: ConsoleMessage) -> None:
        # A browser logs every answer of 400 and more as an error: which ones are right, the tests say.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.troubles.append(f"{self.page.url}: {message.text}")

    def _heed(self, answer: Response) -> None:
        if answer.status >= 500:
            self.troubles.append(f"{answer.url}: {answer.status}")

    def open(self, url: str) -> int:
        """Go there; the answer's status."""
        answer = self.page.goto(url)
        assert answer is not None
        return answer.status

    def keep(self, name: str) -> None:
        """With SCREENSHOTS=folder, the page is kept for somebody to look at."""
        if folder := os.environ.get("SCREENSHOTS"):
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    def faults(self, *, part: str = "main", dark: bool = True) -> list[str]:
        """What is wrong with the page, or a part of it: light and dark, wide and narrow, by keyboard."""
        page = self.page
        page.evaluate(AXE)
        found = self._axe(part, "tag", LEVELS)
        page.keyboard.press("Tab")  # from here on a browser shows where the focus is
        found += page.evaluate(_FOCUS, part)
        if dark:
            page.emulate_media(color_scheme="dark")
            found += [f"dark: {one}" for one in self._axe(part, "rule", OF_COLOUR)]
            page.emulate_media(color_scheme="light")
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]  # a typed dict by another name
        found += [f"narrow: {one}" for one in page.evaluate(_LOST)]
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        return found

    def _axe(self, *asked: str | list[str]) -> list[str]:
        found: list[Any] = self.page.evaluate(_AXE, list(asked))
        return [str(one) for one in found]
