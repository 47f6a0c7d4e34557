"""Keys: what they open, and above all what they do not."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.core.secrets import BadToken, Keyring, digest, new_token

OLD, NEW, OTHER = b"o" * 40, b"n" * 40, b"x" * 40


@given(st.binary(max_size=200), st.text(min_size=1, max_size=20))
def test_what_was_signed_is_read_again(payload: bytes, purpose: str) -> None:
    keys = Keyring(NEW)
    assert keys.verify(purpose, keys.sign(purpose, payload)) == payload


def test_a_token_of_one_purpose_is_nothing_for_another() -> None:
    keys = Keyring(NEW)
    token = keys.sign("guest session", b"facts")
    with pytest.raises(BadToken):
        keys.verify("link invitations", token)


def test_another_installations_token_is_refused() -> None:
    with pytest.raises(BadToken):
        Keyring(NEW).verify("p", Keyring(OTHER).sign("p", b"facts"))


def test_every_changed_character_is_noticed() -> None:
    keys = Keyring(NEW)
    token = keys.sign("p", b"facts")
    for place, character in enumerate(token):
        other = "A" if character != "A" else "B"
        with pytest.raises(BadToken):
            keys.verify("p", token[:place] + other + token[place + 1 :])


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "é.é.é",
        "\ud800",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",  # a JWT that says it needs no signature
        "deadbeef." + "A" * 10 + "." + "A" * 43,
    ],
)
def test_what_is_no_token_is_refused_and_harms_nothing(token: str) -> None:
    with pytest.raises(BadToken):
        Keyring(NEW).verify("p", token)


def test_a_second_spelling_of_the_signature_is_refused() -> None:
    keys = Keyring(NEW)
    token = keys.sign("p", b"facts")
    mac = token.rpartition(".")[2]
    raw = base64.urlsafe_b64decode(mac + "=")
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        twin = mac[:-1] + last
        if twin != mac and base64.urlsafe_b64decode(twin + "=") == raw:
            with pytest.raises(BadToken):
                keys.verify("p", token[:-1] + last)


def test_an_old_key_still_verifies_and_decrypts_until_it_is_taken_out() -> None:
    before = Keyring(OLD)
    token, sealed, code = before.sign("p", b"x"), before.encrypt("p", b"y", bound_to=b"row"), before.code("p", b"z")
    rotated = Keyring(NEW, previous=[OLD])
    assert rotated.verify("p", token) == b"x"
    assert rotated.decrypt("p", sealed, bound_to=b"row") == b"y"
    assert rotated.is_code("p", b"z", code)
    assert rotated.sign("p", b"x") != token
    gone = Keyring(NEW)
    with pytest.raises(BadToken):
        gone.verify("p", token)
    with pytest.raises(BadToken):
        gone.decrypt("p", sealed, bound_to=b"row")
    assert not gone.is_code("p", b"z", code)


def test_what_is_sealed_opens_for_its_purpose_and_row_only() -> None:
    keys = Keyring(NEW)
    sealed = keys.encrypt("identity", b"secret", bound_to=b"row 1")
    assert b"secret" not in sealed
    assert keys.decrypt("identity", sealed, bound_to=b"row 1") == b"secret"
    for purpose, row in (("provider", b"row 1"), ("identity", b"row 2")):
        with pytest.raises(BadToken):
            keys.decrypt(purpose, sealed, bound_to=row)
    for place in range(len(sealed)):
        broken = bytearray(sealed)
        broken[place] ^= 1
        with pytest.raises(BadToken):
            keys.decrypt("identity", bytes(broken), bound_to=b"row 1")
    for short in (b"", sealed[:4], sealed[:16], sealed[:20]):
        with pytest.raises(BadToken):
            keys.decrypt("identity", short, bound_to=b"row 1")


def test_a_code_is_compared_as_text_and_foreign_characters_are_no_code() -> None:
    keys = Keyring(NEW)
    assert keys.is_code("csrf", b"session", keys.code("csrf", b"session"))
    for wrong in ("", "é" * 43, "\ud800", keys.code("csrf", b"another"), keys.code("link", b"session")):
        assert not keys.is_code("csrf", b"session", wrong)


def test_new_tokens_are_long_and_never_alike() -> None:
    tokens = {new_token("sdp_") for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) >= 47 and token.startswith("sdp_") for token in tokens)
    assert len(digest("\ud800")) == 32
