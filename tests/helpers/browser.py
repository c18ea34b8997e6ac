"""A real browser without a window: Chromium, driven by its DevTools protocol over two pipes."""

import contextlib
import json
import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM = next((path for path in map(shutil.which, NAMES) if path), None)
# bash, because it can give the pipes the numbers 3 and 4 that Chromium expects.
START = 'exec "$0" "$@" 3<&"$TO" 4>&"$FROM"'
OPTIONS = ("--headless", "--remote-debugging-pipe", "--hide-scrollbars", "about:blank")
OPTIONS += ("--no-sandbox", "--disable-dev-shm-usage")  # for root, and for containers


class Browser:
    """One page. ``events`` holds what it told so far: requests, errors, messages."""

    def __init__(self, to, back):
        self.to, self.back, self.number, self.events, self.session = to, back, 0, [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **params):
        """Call a method of the protocol and wait for its result."""
        self.number += 1
        call = {"id": self.number, "method": method, "params": params}
        if self.session:
            call["sessionId"] = self.session
        self.to.write(json.dumps(call).encode() + b"\0")
        self.to.flush()
        while (answer := self.read()).get("id") != self.number:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def read(self):
        """The next message."""
        message = bytearray()
        while (letter := self.back.read(1)) != b"\0":
            assert letter, "Chromium has ended"
            message += letter
        return json.loads(message)

    def ask(self, script):
        """The value of an expression, awaited if it is a promise."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def open(self, url):
        """Go to a page and wait until all of it is there."""
        self.call("Page.navigate", url=url)
        self.ask("new Promise(done => document.readyState == 'complete' ? done() : onload = done)")

    def press(self, key, code):
        """Press and release a key."""
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code)

    def resize(self, width, height=900, scheme="light"):
        """Take another width in CSS pixels, and light or dark."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)


@contextlib.contextmanager
def browser(profile):
    """Start Chromium with a fresh profile folder, and end it after."""
    (theirs_in, to), (back, theirs_out) = os.pipe(), os.pipe()
    process = subprocess.Popen(
        ["bash", "-c", START, CHROMIUM, f"--user-data-dir={profile}", *OPTIONS],
        pass_fds=(theirs_in, theirs_out),
        env={**os.environ, "TO": str(theirs_in), "FROM": str(theirs_out)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs_in)
    os.close(theirs_out)
    with open(to, "wb") as to, open(back, "rb") as back:
        try:
            yield Browser(to, back)
        finally:
            process.terminate()
            process.wait()
