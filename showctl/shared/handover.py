"""A socket that outlives its users: the supervisor binds it, and each process that needs it is given the same one.

On POSIX the descriptor is inherited under its own number. Windows cannot inherit a socket by number; there the
first line on the new process's standard input is what `WSASocket` needs to open it again.
"""

from __future__ import annotations

import socket
import sys

if sys.platform == "win32":

    def inheritable(_: socket.socket) -> tuple[int, ...]:
        """Nothing is inherited here."""
        return ()

    def handed_over(shared: socket.socket, pid: int) -> bytes:
        """The first line for the standard input of process `pid`."""
        return shared.share(pid).hex().encode() + b"\n"

    def taken_over(_: int) -> socket.socket:
        """The socket whose description is the first line on standard input."""
        return socket.fromshare(bytes.fromhex(sys.stdin.buffer.readline().decode().strip()))

else:

    def inheritable(shared: socket.socket) -> tuple[int, ...]:
        """The descriptors a new process must inherit (`subprocess.Popen`'s `pass_fds`)."""
        return (shared.fileno(),)

    def handed_over(_shared: socket.socket, _pid: int) -> bytes:
        """What to write to the new process's standard input first: nothing."""
        return b""

    def taken_over(descriptor: int) -> socket.socket:
        """The socket under the number given as `--fd`."""
        return socket.socket(fileno=descriptor)
