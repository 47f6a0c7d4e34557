"""Whatever a stranger sends is a packet or a clear refusal: nothing else leaves the reader."""

from types import SimpleNamespace
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from supportdesk.core.socket_packets import Packet, is_fit, read

REFUSALS = (ValueError, TypeError, LookupError, RecursionError)
"""What the server answers by ending the connection; anything else would be an error of ours."""
TEXTS = st.one_of(
    st.text(max_size=40),
    st.from_regex(r"[0-6][0-9]{0,3}-?(/[a-z]{0,5},)?[0-9]{0,3}[\[{\"a-z0-9,:}\]]{0,20}", fullmatch=True),
    st.builds("2{}{}".format, st.sampled_from(("", "7", "/desk,", "/desk,7")), st.text(max_size=20)),
)
FRAMES = st.one_of(TEXTS, st.binary(max_size=40))


@given(st.lists(FRAMES, max_size=6))
@example(["451-" + '["file",{"_placeholder":true,"num":0}]', b"x"])
@example(["2" + "[" * 5000])
def test_any_frames_are_packets_or_refusals(frames: list[str | bytes]) -> None:
    link: Any = SimpleNamespace(parts=None, parts_left=0)
    for frame in frames:
        try:
            packet = read(link, frame, most_bytes=64)
        except REFUSALS:
            return  # the connection ends here
        assert packet is None or isinstance(packet, Packet)
        assert (packet is None) is (link.parts is not None)
        if packet is not None:
            assert isinstance(is_fit(packet), bool)
