"""The machine's Chromium, driven by Playwright."""

import contextlib
import shutil

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# It must not talk to anybody by itself. Without a display and as root it cannot use a GPU or its sandbox.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


def path():
    """Where Chromium is, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextlib.contextmanager
def launch(flags=()):
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path(), args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()


def wait_until_drawn(page):
    """Waits until the figures of an exported page have been drawn."""
    page.wait_for_load_state("load")
    page.wait_for_function("""() => !window.Plotly ||
        [...document.querySelectorAll('.plotly-figure')].every(figure => figure.classList.contains('drawn'))""")
