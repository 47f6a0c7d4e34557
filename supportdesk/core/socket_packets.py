# mypy: allow-untyped-calls
"""What crosses the wire: Socket.IO packets as peers may send them, and the frames we send."""

import struct
from typing import Any, Final

import orjson
from socketio import packet as socket_packet

from supportdesk.core.socket_link import Link

CONNECT: Final[int] = socket_packet.CONNECT
DISCONNECT: Final[int] = socket_packet.DISCONNECT
EVENT: Final[int] = socket_packet.EVENT
ACK: Final[int] = socket_packet.ACK
EVENTS: Final = (EVENT, socket_packet.BINARY_EVENT)
ACKS: Final = (ACK, socket_packet.BINARY_ACK)
BINARIES: Final = (socket_packet.BINARY_EVENT, socket_packet.BINARY_ACK)
# How a text frame of a peer may begin: pong, close, or a message with a Socket.IO packet of a kind that peers send.
KNOWN_FRAMES: Final = ("3", "1", "40", "41", "42", "43", "45", "46")
RESERVED: Final = frozenset({"connect", "connect_error", "disconnect", "*"})
LONGEST_NAME: Final = 128
MOST_PARTS: Final = 8
DEEP: Final = 200  # below what orjson writes, far above what a command needs
TEXT, BINARY = 0x81, 0x82  # a whole frame of that kind
SHORT, MEDIUM = 126, 1 << 16  # where a frame's length takes two and eight more bytes


class Orjson:
    """orjson behind the two functions that the library expects of a JSON module."""

    loads = staticmethod(orjson.loads)

    @staticmethod
    def dumps(value: Any, **_options: Any) -> str:
        """The value as JSON text; raises TypeError for what JSON cannot carry."""
        return orjson.dumps(value).decode()


class Packet(socket_packet.Packet):
    """A Socket.IO packet that is searched for bytes only when JSON cannot carry it."""

    json = Orjson  # type: ignore[assignment]  # any object with the two functions will do

    @classmethod
    def data_is_binary(cls, _data: Any) -> bool:
        """Not known before `encode` tries; the library walks every value of every packet instead."""
        return False

    def encode(self) -> Any:
        """The text to send, or a list of it and its binary parts; raises TypeError for what cannot be sent."""
        try:
            return super().encode()
        except TypeError:
            if self.packet_type not in (EVENT, ACK):
                raise
            self.packet_type = BINARIES[(EVENT, ACK).index(self.packet_type)]
            return super().encode()


def frame(payload: str | bytes) -> bytes:
    """One WebSocket frame as servers send them: text for str, binary for bytes."""
    kind, body = (TEXT, payload.encode()) if isinstance(payload, str) else (BINARY, payload)
    size = len(body)
    if size < SHORT:
        return bytes((kind, size)) + body
    if size < MEDIUM:
        return struct.pack("!BBH", kind, 126, size) + body
    return struct.pack("!BBQ", kind, 127, size) + body


def packet_frames(packet: Packet) -> bytes:
    """A packet as the bytes its recipients get: one frame, and one more for each binary part."""
    encoded = packet.encode()
    parts = encoded if isinstance(encoded, list) else [encoded]
    return b"".join(frame("4" + part if isinstance(part, str) else part) for part in parts)


def event_packet(name: str, data: Any, namespace: str) -> Packet:
    """The packet of an event; a tuple is several arguments, None is none."""
    arguments = data if isinstance(data, tuple) else () if data is None else (data,)
    return Packet(EVENT, [name, *arguments], namespace)


def read(link: Link, data: str | bytes, *, most_bytes: int) -> Packet | None:
    """The packet of a message, None while its binary parts are awaited.

    Raises ValueError, TypeError, LookupError or RecursionError for what no client of the library sends.
    """
    packet = _begun(data) if link.parts is None else link.parts
    if link.parts is None and packet.attachment_count:
        link.parts, link.parts_left = packet, most_bytes
        return None
    if link.parts is not None:
        if isinstance(data, str) or len(data) > link.parts_left:
            raise ValueError("a binary part was awaited, and no more than a frame of them")
        link.parts_left -= len(data)
        if not packet.add_attachment(data):
            return None
        link.parts = None
    if packet.packet_type == CONNECT and not isinstance(packet.data, dict | None):
        raise ValueError("auth is an object")
    if packet.packet_type in ACKS and not (packet.id and isinstance(packet.data, list)):
        raise ValueError("an acknowledgement answers an id with a list")
    return packet


def is_fit(packet: Packet) -> bool:
    """Whether an event has a name that a handler may be looked up by; other packets always do."""
    if packet.packet_type not in EVENTS:
        return True
    name = packet.data[0] if isinstance(packet.data, list) and packet.data else None
    return isinstance(name, str) and len(name) <= LONGEST_NAME and name not in RESERVED


def _begun(data: str | bytes) -> Packet:
    if isinstance(data, bytes):
        raise ValueError("no binary part was announced")  # noqa: TRY004 - one kind of error for the peer's mistakes
    packet = Packet()
    try:
        packet.attachment_count = packet.decode(data)
        if data.count("[") + data.count("{") > DEEP:
            orjson.dumps(packet.data)  # raises for what is nested too deep to be answered
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        # An event with an unreadable argument, such as half an emoji, is refused with an answer; its client is honest.
        if packet.packet_type != EVENT:
            raise
        packet.data = None
    if (packet.packet_type in BINARIES) != (0 < packet.attachment_count <= MOST_PARTS):
        raise ValueError("the number of binary parts does not fit")
    return packet
