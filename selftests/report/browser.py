"""Headless Chromium, spoken to by its own protocol over a pipe: what a page really does, without a driver to install."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

LIMIT_S = 60.0
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip


def chromium() -> str | None:
    """Return where Chromium is; None if it is not installed."""
    return next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)


class Browser:
    """One Chromium with an empty profile in `folder`."""

    def __init__(self, folder: Path) -> None:
        path = chromium()
        assert path, "there is no Chromium; expected the caller to have asked"
        ours, theirs = _pipe(), _pipe()

        def arrange() -> None:  # Chromium reads its commands from 3 and answers on 4
            os.dup2(ours[0], 3)
            os.dup2(theirs[1], 4)

        self._process = subprocess.Popen(
            [path, *_FLAGS, f"--user-data-dir={folder}", "about:blank"], preexec_fn=arrange, pass_fds=(3, 4),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(ours[0])
        os.close(theirs[1])
        self._out, self._in = ours[1], theirs[0]
        self._number = 0
        self._rest = b""
        self.events: list[dict[str, Any]] = []

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self._process.kill()
        self._process.wait()
        os.close(self._out)
        os.close(self._in)

    def page(self, width: int = 1280, height: int = 800, *, dark: bool = False, scripts: bool = True) -> Page:
        """Return a new page of this size, in light or dark, with scripts of its own or without."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session, target)
        for domain in ("Page", "Log", "Runtime"):
            page.call(f"{domain}.enable")
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        if not scripts:
            page.call("Emulation.setScriptExecutionDisabled", value=True)
        return page

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Send one command and return its result."""
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]
        while True:
            answer = self._receive(method)
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def wait(self, method: str, session: str) -> None:
        """Wait for an event of a page."""
        while not any(event.get("method") == method and event.get("sessionId") == session for event in self.events):
            self.events.append(self._receive(method))

    def _receive(self, waited_for: str) -> dict[str, Any]:
        deadline = time.monotonic() + LIMIT_S
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._in], [], [], max(0.0, deadline - time.monotonic()))
            data = os.read(self._in, 1 << 20) if ready else b""
            assert data, f"Chromium said nothing for {LIMIT_S:.0f} s; expected {waited_for}"
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message


class Page:
    """One page."""

    def __init__(self, browser: Browser, session: str, target: str) -> None:
        self._browser = browser
        self._session = session
        self._target = target

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send the page one command and return its result."""
        return self._browser.call(method, self._session, **parameters)

    def open(self, file: Path) -> float:
        """Load a file to its end, and return after how many seconds that and the first painting were over."""
        begin = time.monotonic()
        self.call("Page.navigate", url=file.as_uri())
        self._browser.wait("Page.loadEventFired", self._session)
        self.call("Page.captureScreenshot", format="jpeg", quality=1)
        return time.monotonic() - begin

    def evaluate(self, expression: str) -> Any:
        """Return what an expression is worth, waiting for a promise."""
        told = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, str(told["exceptionDetails"])[:1000]
        return told["result"].get("value")

    def save(self, file: Path) -> None:
        """Keep what is to be seen as a PNG."""
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def complaints(self) -> list[str]:
        """Return what the browser had to say against the page: refused loads and styles, errors."""
        entries = [event for event in self._browser.events if event.get("sessionId") == self._session]
        logged = [event["params"]["entry"]["text"] for event in entries if event.get("method") == "Log.entryAdded"]
        return logged + [str(event["params"]) for event in entries if event.get("method") == "Runtime.exceptionThrown"]

    def close(self) -> None:
        """Close it."""
        self._browser.call("Target.closeTarget", targetId=self._target)


def _pipe() -> tuple[int, int]:
    """Return a pipe whose ends are none of the numbers that Chromium expects its own on."""
    ends = os.pipe()
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in ends]
    for end in ends:
        os.close(end)
    return moved[0], moved[1]
