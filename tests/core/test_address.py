"""Whose address counts, and which headers are believed."""

from ipaddress import ip_address, ip_network

import pytest
from aiohttp.test_utils import make_mocked_request

from supportdesk.config import Settings
from supportdesk.core.address import address_of, is_https, is_own_origin, must_be_own_page, network_of
from supportdesk.errors import Forbidden

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
SETTINGS = Settings.load(_env_file=None, secret_key="s" * 32, public_url="https://desk.example.org")


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),  # no proxy of ours: its header is a claim
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),  # the visitor wrote the first part
        ("10.0.0.1", ["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6, 198.51.100.1, 10.2.3.4"], "198.51.100.1"),
        ("10.0.0.1", ["not an address"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, <script>"], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("fd00::1", ["[2001:db8::7]:443"], "2001:db8::7"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("fe80::1%eth0", [], "fe80::1"),
        (None, [], "127.0.0.1"),
        ("", ["198.51.100.1"], "127.0.0.1"),
    ],
)
def test_the_nearest_address_that_is_no_proxy_of_ours_counts(
    peer: str | None, forwarded: list[str], address: str
) -> None:
    assert address_of(peer, forwarded, PROXIES) == ip_address(address)


def test_limits_count_a_customer_not_each_of_their_addresses() -> None:
    assert str(network_of(ip_address("203.0.113.9"))) == "203.0.113.9/32"
    assert network_of(ip_address("2001:db8:1:2::3")) == network_of(ip_address("2001:db8:1:2:ffff::9"))
    assert network_of(ip_address("2001:db8:1:2::3")) != network_of(ip_address("2001:db8:1:3::3"))


@pytest.mark.parametrize(
    ("origin", "is_ours"),
    [
        ("https://desk.example.org", True),
        ("http://desk.internal:8080", True),  # the name this request was sent to
        ("https://desk.internal:8080", True),  # the same behind a proxy that ends TLS
        ("HTTPS://DESK.example.org", True),
        ("null", False),
        ("", False),
        ("https://desk.example.org.evil.test", False),
        ("https://evil-desk.example.org", False),
        ("https://desk.example.org:8443", False),
        ("https://desk.example.org@evil.test", False),
        ("https://desk.example.org/path", False),
        ("file://desk.example.org", False),
        ("https://[", False),
        ("desk.example.org", False),
    ],
)
def test_an_origin_is_ours_when_host_and_port_are(origin: str, is_ours: bool) -> None:  # noqa: FBT001 - a table's cell
    request = make_mocked_request("POST", "/", headers={"Host": "desk.internal:8080"})
    assert is_own_origin(origin, request, SETTINGS) is is_ours


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://desk.example.org"},
        {"Sec-Fetch-Site": "none", "Origin": "https://evil.test"},
    ],
)
def test_a_browser_that_comes_from_elsewhere_is_refused(headers: dict[str, str]) -> None:
    request = make_mocked_request("POST", "/", headers={"Host": "desk.internal", **headers})
    with pytest.raises(Forbidden) as refusal:
        must_be_own_page(request, SETTINGS)
    assert refusal.value.specific_code == "csrf"


def test_a_program_says_nothing_and_passes_to_where_its_proof_is_asked_for() -> None:
    must_be_own_page(make_mocked_request("POST", "/", headers={"Host": "desk.internal"}), SETTINGS)


def test_a_forwarded_scheme_counts_from_a_proxy_of_ours_only() -> None:
    plain = Settings.load(_env_file=None, secret_key="s" * 32, trusted_proxies="10.0.0.0/8")

    def seen(peer: str) -> bool:
        request = make_mocked_request("GET", "/", headers={"X-Forwarded-Proto": "https"}).clone(remote=peer)
        return is_https(request, plain)

    assert seen("10.1.1.1")
    assert not seen("203.0.113.9")
    assert is_https(make_mocked_request("GET", "/"), SETTINGS), "the public address says so"
