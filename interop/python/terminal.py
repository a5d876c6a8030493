"""Runs a program in a terminal of its own: `terminal.py PROGRAM ARGUMENT..`. Shows the screen if it fails."""

import os
import pty
import select
import signal
import sys
import time

PATIENCE = 30

child, terminal = pty.fork()
if child == 0:
    os.environ.update(TERM="xterm", LINES="24", COLUMNS="80", LC_ALL="C.UTF-8")
    os.execv(sys.argv[1], sys.argv[1:])
screen = b""
deadline = time.monotonic() + PATIENCE
while True:
    ready, _, _ = select.select([terminal], [], [], max(0, deadline - time.monotonic()))
    try:
        octets = os.read(terminal, 1 << 16) if ready else None
    except OSError:
        octets = b""
    if not octets:
        break
    screen += octets
if octets is None:
    os.kill(child, signal.SIGKILL)
_, status = os.waitpid(child, 0)
if status != 0:
    print(
        f"status {status}{', killed because it did not end' if octets is None else ''}; the screen at the end:"
    )
    print(screen[-3000:].decode(errors="replace").replace("\x1b", "^"))
    sys.exit(1)
