"""A real Chromium without a screen, driven by its own protocol over two pipes: nothing is needed beside it."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["PATH", "Chromium", "Tab", "chromium"]

PATH = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
    "--remote-debugging-pipe",
)
_PATIENCE = 30.0
# The codes of keys that are no letters, and what they write.
_KEYS = {"Enter": (13, "\r"), "Escape": (27, "")}
_ENABLED = ("Page", "Runtime", "Log", "Network", "Security", "Audits")


class Chromium:
    """A running browser."""

    def __init__(self, home: Path) -> None:
        theirs, self._to = os.pipe()
        self._from, ours = os.pipe()
        # The browser reads its handle 3 and writes its handle 4.
        command = 'exec 3<&"$1" 4>&"$2"; shift 2; exec "$@" 2>/dev/null'
        self._process = subprocess.Popen(
            ["bash", "-c", command, "bash", str(theirs), str(ours), PATH, *_FLAGS, f"--user-data-dir={home}"],
            pass_fds=(theirs, ours),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        os.close(theirs)
        os.close(ours)
        self._left, self._count = b"", 0
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        """Call a method of the protocol; its result."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            told = self._read(_PATIENCE)
            if told is None:
                raise TimeoutError(f"Chromium gave no answer to {method} within {_PATIENCE:g} s")
            if told.get("id") == self._count:
                if "error" in told:
                    raise RuntimeError(f"{method}: {told['error']}")
                result: dict[str, Any] = told["result"]
                return result
            self.events.append(told)

    def listen(self, seconds: float) -> None:
        """Take in what happens for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            told = self._read(left)
            if told is not None:
                self.events.append(told)

    def close(self) -> None:
        """End it, and wait until it has."""
        try:
            self.call("Browser.close")
        except (OSError, RuntimeError, TimeoutError):
            self._process.kill()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def _read(self, seconds: float) -> dict[str, Any] | None:
        while b"\0" not in self._left:
            if not select.select([self._from], [], [], seconds)[0]:
                return None
            piece = os.read(self._from, 1 << 20)
            if not piece:
                raise RuntimeError("Chromium has ended")
            self._left += piece
        message, _, self._left = self._left.partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        return told


class Tab:
    """A page in a window of its own, `width` by `height` pixels."""

    def __init__(self, browser: Chromium, width: int = 1280, height: int = 900) -> None:
        self._browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self._target = target
        self._session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in _ENABLED:
            self.call(f"{domain}.enable")
        self.size(width, height)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol for this page."""
        return self._browser.call(method, self._session, **params)

    def size(self, width: int, height: int = 900, scale: float = 1, mobile: bool = False) -> None:
        """Give the window another size."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile
        )

    def media(self, media: str = "", **features: str) -> None:
        """Pretend another medium (``print``), and what a user prefers: ``prefers_color_scheme="dark"``."""
        told = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.call("Emulation.setEmulatedMedia", media=media, features=told)

    def script(self, enabled: bool) -> None:
        """Whether pages may run scripts."""
        self.call("Emulation.setScriptExecutionDisabled", value=not enabled)

    def open(self, url: str) -> None:
        """Go there, and wait until all is loaded."""
        if "#" in url:
            # Else it may be a place in the page that is there already.
            self.open("about:blank")
        self._browser.events.clear()
        self.call("Page.navigate", url=url)
        end = time.monotonic() + _PATIENCE
        while not any(self._is_mine(event, "Page.loadEventFired") for event in self._browser.events):
            if time.monotonic() > end:
                raise TimeoutError(f"{url} was not loaded within {_PATIENCE:g} s")
            self._browser.listen(0.01)

    def run(self, code: str) -> Any:
        """What the expression `code` is in the page; a promise is waited for."""
        told = self.call("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in told:
            raise RuntimeError(told["exceptionDetails"]["exception"]["description"])
        return told["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key as a user does: a letter, ``Enter`` or ``Escape``."""
        code, letter = _KEYS.get(key, (0, key))
        told = {"key": key, "windowsVirtualKeyCode": code} | ({"text": letter} if letter else {})
        self.call("Input.dispatchKeyEvent", type="keyDown", **told)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def write(self, text: str) -> None:
        """Type a text."""
        self.call("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        """Click the middle of the first element that `selector` finds."""
        place = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center'});"
            " const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def complaints(self) -> list[str]:
        """Everything that the browser's console shows of this page: messages, errors, violations, refused requests."""
        self._browser.listen(0.05)
        return [words for event in self._browser.events if (words := self._complaint(event))]

    def asked_for(self) -> list[str]:
        """The addresses of all that the page asked for, the page itself left out."""
        sent = [event["params"] for event in self._browser.events if self._is_mine(event, "Network.requestWillBeSent")]
        urls = [one["request"]["url"] for one in sent if one["type"] != "Document"]
        return [url for url in urls if not url.startswith("data:")]

    def picture(self, path: Path, whole: bool = True) -> None:
        """A PNG of the page."""
        import base64

        told = self.call("Page.captureScreenshot", captureBeyondViewport=whole, **self._clip(whole))
        path.write_bytes(base64.b64decode(told["data"]))

    def close(self) -> None:
        """Close it."""
        self._browser.call("Target.closeTarget", targetId=self._target)

    def _clip(self, whole: bool) -> dict[str, Any]:
        if not whole:
            return {}
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}}

    def _is_mine(self, event: dict[str, Any], method: str) -> bool:
        return event.get("method") == method and event.get("sessionId") == self._session

    def _complaint(self, event: dict[str, Any]) -> str:
        params = event.get("params", {})
        if self._is_mine(event, "Runtime.consoleAPICalled"):
            return f"console.{params['type']}: {[one.get('value') for one in params['args']]}"
        if self._is_mine(event, "Runtime.exceptionThrown"):
            return f"exception: {params['exceptionDetails']['exception'].get('description')}"
        if self._is_mine(event, "Log.entryAdded"):
            return f"{params['entry']['level']}: {params['entry']['text']}"
        if self._is_mine(event, "Audits.issueAdded") and "ContentSecurityPolicy" in params["issue"]["code"]:
            return f"issue: {params['issue']}"
        return ""


@contextmanager
def chromium() -> Iterator[Chromium]:
    """A browser with nothing in its memory."""
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as home:
        browser = Chromium(Path(home))
        try:
            yield browser
        finally:
            browser.close()
