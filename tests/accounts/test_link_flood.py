"""Whoever asks for links to choose a password again and again is told to wait."""

from ipaddress import ip_network

import pytest

from supportdesk.accounts.entrance import LINKS_A_MINUTE
from supportdesk.config import Settings
from tests.people import Desk


@pytest.mark.parametrize(("path", "is_form"), [("/api/v1/auth/password-resets", False), ("/password/forgotten", True)])
async def test_links_are_made_for_one_address_only_so_often(
    settings: Settings,
    desk: Desk,
    path: str,
    is_form: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    behind_a_proxy = settings.model_copy(update={"trusted_proxies": (ip_network("127.0.0.0/8"),)})
    desk.resources.add(behind_a_proxy, as_type=Settings)

    async def ask(address: str) -> int:
        headers, body = {"X-Forwarded-For": address}, {"email": "nobody@desk.test"}
        sent, form = (None, body) if is_form else (body, None)
        async with desk.http.post(desk.url + path, headers=headers, json=sent, data=form) as response:
            return response.status

    answers = [await ask("203.0.113.7") for _ in range(LINKS_A_MINUTE + 2)]
    assert 429 not in answers[:LINKS_A_MINUTE]
    assert answers[-1] == 429
    assert await ask("203.0.113.8") != 429
