"""A terminal's line discipline: what is typed is shown, lines are edited, ends of lines are translated (termios)."""

from __future__ import annotations

from collections.abc import Callable

from minikube_py.machinery.streams import Pipe, Reader, Writer

INTERRUPT, END, BACKSPACES, KILL = 0x03, 0x04, (0x08, 0x7F), 0x15
LONGEST = 4095
"""Bytes of a line; what is typed beyond them is lost (N_TTY)."""
UNREAD = 64 * 1024
"""Bytes of lines that nobody has read; lines beyond them are lost."""


class Terminal:
    """Between a client's raw keyboard and a command. `stdin` is what the command reads: whole lines."""

    def __init__(self, keyboard: Reader, screen: Writer, interrupt: Callable[[], object]) -> None:
        self.stdin = Pipe()
        self._keyboard = keyboard
        self._screen = screen
        self._interrupt = interrupt
        self._line = bytearray()

    async def run(self) -> None:
        """Until the client ends."""
        while typed := await self._keyboard.read():
            echo = bytearray()
            for byte in typed:
                self._key(byte, echo)
            await self._screen.write(bytes(echo))
        self.stdin.feed(bytes(self._line))
        self.stdin.close()

    def _key(self, byte: int, echo: bytearray) -> None:
        if byte in (0x0D, 0x0A):
            echo += b"\r\n"
            if self.stdin.unread < UNREAD:
                self.stdin.feed(bytes(self._line) + b"\n")
            self._line.clear()
        elif byte in BACKSPACES:
            if self._line:
                del self._line[-1:]
                echo += b"\b \b"
        elif byte == KILL:
            echo += b"\b \b" * len(self._line)
            self._line.clear()
        elif byte == INTERRUPT:
            echo += b"^C\r\n"
            self._line.clear()
            self._interrupt()
        elif byte == END:
            if not self._line:
                self.stdin.pause()
        elif len(self._line) < LONGEST:
            self._line.append(byte)
            echo.append(byte)


class ScreenWriter:
    """Implements Writer: a line's end also returns the carriage."""

    def __init__(self, screen: Writer) -> None:
        self._screen = screen

    async def write(self, data: bytes) -> None:
        await self._screen.write(data.replace(b"\n", b"\r\n"))

    def close(self) -> None:
        self._screen.close()
