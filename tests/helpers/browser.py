"""A headless Chromium, controlled by its DevTools protocol over two pipes."""

import contextlib
import json
import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM = next((path for path in map(shutil.which, NAMES) if path), None)
# bash assigns the pipes to the descriptors 3 and 4 that Chromium expects.
START = 'exec "$0" "$@" 3<&"$TO" 4>&"$FROM"'
OPTIONS = ("--headless", "--remote-debugging-pipe", "--hide-scrollbars", "about:blank")
OPTIONS += ("--no-sandbox", "--disable-dev-shm-usage")  # for root, and for containers


class Browser:
    """One page. ``events`` lists its notifications so far: requests, errors, messages."""

    def __init__(self, to, replies):
        self.to, self.replies, self.number, self.events, self.session = to, replies, 0, [], None
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
        """Read the next message."""
        message = bytearray()
        while (letter := self.replies.read(1)) != b"\0":
            assert letter, "Chromium has ended"
            message += letter
        return json.loads(message)

    def evaluate(self, script):
        """Evaluate an expression; a promise is awaited."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def open(self, url):
        """Open a page and wait until it is loaded."""
        self.call("Page.navigate", url=url)
        self.evaluate(
            "new Promise(done => document.readyState == 'complete' ? done() : onload = done)"
        )

    def press(self, key, code):
        """Press and release a key."""
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code)

    def resize(self, width, height=900, scheme="light"):
        """Set the size in CSS pixels and the color scheme, light or dark."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)


@contextlib.contextmanager
def browser(profile):
    """Run Chromium with a new profile folder within the ``with`` block."""
    (child_in, to), (replies, child_out) = os.pipe(), os.pipe()
    process = subprocess.Popen(
        ["bash", "-c", START, CHROMIUM, f"--user-data-dir={profile}", *OPTIONS],
        pass_fds=(child_in, child_out),
        env={**os.environ, "TO": str(child_in), "FROM": str(child_out)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(child_in)
    os.close(child_out)
    with open(to, "wb") as to, open(replies, "rb") as replies:
        try:
            yield Browser(to, replies)
        finally:
            process.terminate()
            process.wait()
