"""What is promised on a socket is promised on both ways out."""

from tests.transports import fast_sockets

__all__ = ["fast_sockets"]
