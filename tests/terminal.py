"""A pseudo-terminal with a command of promptc's on it: what it shows, and what somebody types."""

import os
import re
import select
import subprocess
import sys
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.workshop import Workshop

if sys.platform != "win32":
    import pty
    import termios

_SECONDS = 60
_PAINT = re.compile(r"\x1b\[[0-9;]*m")


class Terminal:
    """Runs a command until it ends or a minute is over; nothing it does can hold up a test for longer."""

    def __init__(self, shop: Workshop, *arguments: str, **environment: str) -> None:
        """Start the command in the workshop's folder."""
        clean = {k: v for k, v in os.environ.items() if not k.endswith("_KEY") and k not in {"NO_COLOR", "FORCE_COLOR"}}
        self.shown = ""
        self.deadline = time.monotonic() + _SECONDS
        self.master, end = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "promptc", *arguments],
            cwd=shop.root,
            env={**clean, "TERM": "xterm", "PYTHONUTF8": "1", **environment},
            stdin=end,
            stdout=end,
            stderr=end,
            start_new_session=True,
        )
        os.close(end)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        os.close(self.master)

    def until(self, text: str) -> str:
        """Read until the screen ends with a text; return what was shown since the last time, without colour."""
        while not self.plain.endswith(text):
            assert self._more(), f"no `{text}` in {self.plain!r}"
        told, self.shown = self.plain, ""
        return told

    def press(self, key: str) -> None:
        """Press a key once the program waits for one: what is typed before, it drops."""
        self.wait_for_a_question()
        self.type(key)

    def wait_for_a_question(self) -> None:
        """Wait until the program waits for a key."""
        while self.takes_lines:
            assert time.monotonic() < self.deadline, f"it does not wait for a key: {self.plain!r}"
            assert self.process.poll() is None, f"it has ended: {self.plain!r}"
            time.sleep(0.01)

    @property
    def takes_lines(self) -> bool:
        """Whether it is as a shell needs it: what is typed is shown, and taken line by line."""
        wanted = termios.ICANON | termios.ECHO
        modes: int = termios.tcgetattr(self.master)[3]
        return modes & wanted == wanted

    def type(self, text: str) -> None:
        """Type a text, whatever the program does at that moment."""
        os.write(self.master, text.encode())

    def end(self) -> tuple[int, str]:
        """Read to the end; return the exit code and what was shown since the last time, without colour."""
        while self._more():
            pass
        return self.process.wait(10), self.plain

    @property
    def plain(self) -> str:
        """What was shown since the last time, without colour."""
        return _PAINT.sub("", self.shown).replace("\r\n", "\n")

    def _more(self) -> bool:
        """Read what there is; False where the program has closed its end."""
        while time.monotonic() < self.deadline:
            if select.select([self.master], [], [], 0.1)[0]:
                with suppress(OSError):  # the other end is closed
                    data = os.read(self.master, 65536)
                    self.shown += data.decode("utf-8", "replace")
                    return bool(data)
                return False
        msg = f"it takes more than {_SECONDS} seconds: {self.plain!r}"
        raise AssertionError(msg)
