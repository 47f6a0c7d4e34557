"""The page on which a robot is set: every kind of setting, what is wrong with it, and what is never shown."""

import re
from html import unescape
from typing import Any

import orjson

from tests.accounts.browser import Answer, Browser, signed_in
from tests.admin.conftest import installed
from tests.factories import make_workspace
from tests.people import Desk

SECRET = "sk-live-0123456789"


async def rich(desk: Desk) -> tuple[Browser, str]:
    """An admin, and the page of the robot that has a setting of every kind."""
    robot_id = await installed(desk, "rich")
    return await signed_in(desk, "admin"), f"/admin/robots/{robot_id}"


def inputs(html: str) -> dict[str, str]:
    """What the page would send as it is: every field of its first form of settings."""
    form = html.split('aria-labelledby="settings"')[1].split("</form>", maxsplit=1)[0]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input\b[^>]*>", form):
        told = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" in told and (told.get("type") != "checkbox" or re.search(r"\bchecked\b", tag)):
            found[told["name"]] = unescape(told.get("value", ""))
    for name, text in re.findall(r'<textarea[^>]*?name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        found[name] = unescape(text)
    for name, options in re.findall(r'<select[^>]*?name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.findall(r'<option value="([^"]*)"\s+selected', options)
        first = re.findall(r'<option value="([^"]*)"', options)[0]
        found[name] = (chosen or [first])[0]
    found.pop("csrf_token", None)
    return found


async def saves(boss: Browser, at: str, /, **changes: str | None) -> Answer:
    """Open the page, change some fields (None: not sent), send it. Dots in names are written as __."""
    form = inputs((await boss.asks("GET", at)).text)
    for name, value in changes.items():
        sent = name.replace("__", ".")
        form.pop(sent, None)
        if value is not None:
            form[sent] = value
    return await boss.asks("POST", at, form=form)


async def stored(desk: Desk, at: str) -> dict[str, Any]:
    """The row."""
    row = await desk.owner.fetchrow("SELECT * FROM robots WHERE id = $1::text::uuid", at.rpartition("/")[2])
    assert row is not None
    return {**dict(row), "settings": orjson.loads(row["settings"])}


async def test_the_form_has_every_setting_and_saving_it_untouched_sets_nothing(rich_desk: Desk) -> None:
    boss, at = await rich(rich_desk)
    page = (await boss.asks("GET", at)).text
    for label in ("Said first", "Manners", "Tries", "Tone", "Size", "Words", "Server", "Hours", "Rules", "Extra"):
        assert label in page, label
    assert "From 1 to 9." in page
    assert "Be kind.\nBe brief.</textarea>" in page
    done = await saves(boss, at)
    assert (done.status, done.leads_to) == (303, f"{at}?saved=true")
    assert (await stored(rich_desk, at))["settings"] == {}
    assert "Saved." in (await boss.asks("GET", done.leads_to)).text


async def test_what_is_set_is_kept_as_a_layer_and_shown_as_changed(rich_desk: Desk) -> None:
    boss, at = await rich(rich_desk)
    done = await saves(
        boss,
        at,
        s__prefix="Well, ",
        s__tries="5",
        s__tone="formal",
        s__size="large",
        s__words=" one \r\n\r\ntwo\r\n",
        s__server__url="https://other.test",
        s__hours__use="true",
        s__hours__opens="8",
        s__rules__0__pattern="refund",
        s__rules__0__only_once="true",
        s__extra='{"a": 1}',
        s__visible_to_guest=None,
        s__max_chars="500",
        s__timeout_s="2.5",
    )
    assert done.status == 303, done.text
    row = await stored(rich_desk, at)
    assert row["settings"] == {
        "visible_to_guest": False,
        "max_chars": 500,
        "timeout_s": 2.5,
        "prefix": "Well, ",
        "tries": 5,
        "tone": "formal",
        "size": "large",
        "words": ["one", "two"],
        "server": {"url": "https://other.test"},
        "hours": {"opens": 8, "closes": 17},
        "rules": [{"pattern": "refund", "reply": "", "only_once": True}],
        "extra": {"a": 1},
    }
    assert row["staff_only"]
    page = (await boss.asks("GET", at)).text
    assert page.count(">changed<") == len(row["settings"]) + 1, "and the group that the address is in"
    await saves(boss, at)
    assert (await stored(rich_desk, at))["settings"] == row["settings"], "sent as it is, nothing changes"
    await saves(boss, at, s__rules__1__pattern="order", s__rules__1__reply="Which?")
    await saves(boss, at, s__rules__0__drop="true")
    rules = (await stored(rich_desk, at))["settings"]["rules"]
    assert rules == [{"pattern": "order", "reply": "Which?", "only_once": False}]


async def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(rich_desk: Desk) -> None:
    boss, at = await rich(rich_desk)
    refused = await saves(
        boss,
        at,
        s__prefix="x" * 21,
        s__tries="many",
        s__words="short\nfar too long to be a word",
        s__rules__0__reply="no pattern",
        s__extra="{",
        s__manners="Typed.",
    )
    assert refused.status == 422
    assert "Extra: This is no JSON" in unescape(refused.text), "said before the model is asked"
    refused = await saves(
        boss, at, s__prefix="x" * 21, s__tries="many", s__words="far too long to be a word", s__rules__0__reply="lone"
    )
    text = unescape(refused.text)
    assert refused.status == 422
    for line in ("Said first: It has more than 20 characters; shorten", "Tries: It is no whole number; ", "Rules 1: "):
        assert line in text, line
    assert 'href="#f-rules-0-pattern"' in text
    assert 'value="many"' in text
    assert 'aria-invalid="true"' in text
    assert (await stored(rich_desk, at))["settings"] == {}
    named = await saves(boss, at, name=" ", avatar="javascript:alert(1)", s__prefix="kept")
    assert named.status == 422
    assert 'value="kept"' in named.text
    assert "Picture: " in unescape(named.text)


async def test_what_a_limit_excludes_is_said(rich_desk: Desk) -> None:
    boss, at = await rich(rich_desk)
    html = (await boss.asks("GET", at)).text
    assert "More than 0.5, less than 60." in html
    assert "More than 0, at most 120." in html
    assert "From 1 to 9." in html


async def test_an_address_in_a_private_network_is_refused_and_one_that_is_not_found_remarked_on(
    rich_desk: Desk,
) -> None:
    boss, at = await rich(rich_desk)
    refused = await saves(boss, at, s__callback="http://localhost:9/x")
    assert refused.status == 422
    assert "localhost is in a private network; the desk" in unescape(refused.text)
    saved = await saves(boss, at, s__callback="https://bot.test/x")
    assert (saved.status, saved.leads_to) == (303, f"{at}?saved=true&unfound=true")
    assert "The host of its address is not found at the moment" in (await boss.asks("GET", saved.leads_to)).text
    api = f"/api/v1{at.removeprefix('/admin')}"
    by_program = await boss.asks("PATCH", api, {"settings": {"callback": "http://192.168.0.9/x"}})
    assert "192.168.0.9 is in a private network" in by_program.body["error"]["message"]
    assert (await boss.asks("PATCH", api, {"settings": {"tries": 4}})).status == 200


async def test_a_secret_is_written_only(rich_desk: Desk) -> None:
    boss, at = await rich(rich_desk)
    assert (await saves(boss, at, s__token=SECRET, s__server__key=SECRET)).status == 303
    row = await stored(rich_desk, at)
    assert row["settings"] == {}
    assert SECRET.encode() not in row["secrets_encrypted"]
    page = (await boss.asks("GET", at)).text
    assert SECRET not in page
    assert page.count("leave empty to keep it") == 2
    sealed = row["secrets_encrypted"]
    await saves(boss, at, s__prefix="Hm: ")
    api = (await boss.asks("GET", f"/api/v1{at.removeprefix('/admin')}")).body
    assert api["secrets_set"] == ["server.key", "token"], "an empty field keeps it"
    assert SECRET not in str(api)
    guest = await rich_desk.guest(rich_desk.workspace.site_key)
    await guest.opens()
    await guest.says("hello")
    await guest.sees(f"Hm: hello ({len(SECRET)})")
    await saves(boss, at, s__token__clear="true")
    assert (await boss.asks("GET", f"/api/v1{at.removeprefix('/admin')}")).body["secrets_set"] == ["server.key"]
    history = await rich_desk.owner.fetch("SELECT row_data::text AS was FROM robots_history")
    assert not any(SECRET in line["was"] or sealed.hex() in line["was"] for line in history)
    refused = await saves(boss, at, s__server__key="short")
    assert refused.status == 422
    assert 'value="short"' not in refused.text, "not even a wrong one is shown"


async def test_one_setting_or_all_go_back_to_their_defaults(rich_desk: Desk) -> None:
    boss, at = await rich(rich_desk)
    await saves(boss, at, s__prefix="Well, ", s__tries="5", s__server__url="https://other.test", s__token=SECRET)
    assert (await saves(boss, at, reset="tries", s__prefix="So, ")).status == 303
    assert (await stored(rich_desk, at))["settings"] == {"prefix": "So, ", "server": {"url": "https://other.test"}}
    await saves(boss, at, reset="server.url")
    assert (await stored(rich_desk, at))["settings"] == {"prefix": "So, "}
    assert (await saves(boss, at, reset="*", s__tries="nonsense")).status == 303
    row = await stored(rich_desk, at)
    assert (row["settings"], row["secrets_encrypted"] is None) == ({}, False), "a secret is forgotten by its own box"


async def test_an_older_version_is_brought_up_to_date_and_one_that_cannot_be_is_mended_by_saving(
    rich_desk: Desk,
) -> None:
    boss, at = await rich(rich_desk)
    sql = "UPDATE robots SET settings = $2::text::jsonb, settings_version = $3 WHERE id = $1::text::uuid"
    robot_id = at.rpartition("/")[2]
    await rich_desk.owner.execute(sql, robot_id, '{"greeting": "Hey "}', 1)
    page = (await boss.asks("GET", at)).text
    assert 'value="Hey "' in page
    assert (await saves(boss, at)).status == 303
    row = await stored(rich_desk, at)
    assert (row["settings"], row["settings_version"]) == ({"prefix": "Hey "}, 2)
    for settings, version, says in (
        ('{"riddle": 1}', 1, "ValueError: nobody knows what a riddle was"),
        ('{"prefix": "new"}', 9, "are version 9, this server knows 2"),
        ('{"colour": "red", "prefix": "old"}', 2, "colour: there is no such setting"),
    ):
        await rich_desk.owner.execute(sql, robot_id, settings, version)
        page = unescape((await boss.asks("GET", at)).text)
        assert says in page
        assert "Saving the form below mends it." in page
        assert (await saves(boss, at)).status == 303
        assert "mends it" not in (await boss.asks("GET", at)).text
        assert (await stored(rich_desk, at))["settings_version"] == 2


async def test_a_form_that_is_out_of_date_overwrites_nothing(rich_desk: Desk) -> None:
    boss, at = await rich(rich_desk)
    opened = inputs((await boss.asks("GET", at)).text)
    await saves(boss, at, s__prefix="Mine: ")
    late = await boss.asks("POST", at, form={**opened, "s.prefix": "Theirs: "})
    assert late.status == 409
    assert "Somebody has changed this robot since you opened the form." in unescape(late.text)
    assert 'value="Theirs: "' in late.text, "what was typed is still there"
    again = await boss.asks("POST", at, form={**inputs(late.text)})
    assert again.status == 409, "sending it once more does not help"
    assert (await stored(rich_desk, at))["settings"] == {"prefix": "Mine: "}


async def test_a_robot_is_renamed_copied_removed_and_brought_back(rich_desk: Desk) -> None:
    boss, at = await rich(rich_desk)
    await saves(boss, at, name="Rosa", avatar="https://shop.test/rosa.png", s__prefix="Hi ", s__token=SECRET)
    guest = await rich_desk.guest(rich_desk.workspace.site_key)
    await guest.opens()
    await guest.says("there")
    answer = await guest.sees(f"Hi there ({len(SECRET)})")
    assert answer["sender"]["name"] == "Rosa"
    taken = await boss.asks("POST", f"{at}/copies", form={"name": "Rosa"})
    assert taken.status == 409
    assert "is installed already under the name Rosa" in unescape(taken.text)
    assert (await boss.asks("POST", f"{at}/copies", form={"name": ""})).status == 422
    made = await boss.asks("POST", f"{at}/copies", form={"name": "Ruth"})
    assert made.status == 303
    copy = await stored(rich_desk, made.leads_to)
    assert (copy["name"], copy["settings"], copy["secrets_encrypted"] is None) == ("Ruth", {"prefix": "Hi "}, False)
    refused = await saves(boss, made.leads_to, name="Rosa")
    assert (refused.status, "choose another name" in refused.text) == (409, True)
    gone = await boss.asks("POST", f"{at}/removal", form={})
    page = (await boss.asks("GET", gone.leads_to)).text
    assert "Rosa has been removed." in page
    assert (await boss.asks("GET", at)).status == 404
    assert (await saves(boss, made.leads_to, name="Rosa")).status == 303
    assert (await boss.asks("POST", f"{at}/restoration", form={})).status == 409, "the name is another's by now"
    assert (await saves(boss, made.leads_to, name="Ruth")).status == 303
    assert (await boss.asks("POST", f"{at}/restoration", form={})).status == 303
    assert 'value="Rosa"' in (await boss.asks("GET", at)).text


async def test_robots_are_moved_and_keep_their_order(rich_desk: Desk) -> None:
    ids = [await installed(rich_desk, module) for module in ("rich", "echo", "staff_only")]
    boss = await signed_in(rich_desk, "admin")
    for robot_id, by, order in (
        (ids[2], "-1", [0, 2, 1]),
        (ids[2], "-1", [2, 0, 1]),
        (ids[2], "-1", [2, 0, 1]),
        (ids[0], "1", [2, 1, 0]),
    ):
        done = await boss.asks("POST", f"/admin/robots/{robot_id}/place", form={"by": by})
        assert done.leads_to == f"/admin/robots#robot-{robot_id}"
        listed = re.findall(r'id="robot-([0-9a-f-]{36})"', (await boss.asks("GET", "/admin/robots")).text)
        assert listed == [ids[place] for place in order]
    assert (await boss.asks("POST", f"/admin/robots/{ids[0]}/place", form={"by": "7"})).status == 422


async def test_programs_set_robots_too(rich_desk: Desk) -> None:
    boss, at = await rich(rich_desk)
    api = f"/api/v1{at.removeprefix('/admin')}"
    schema = (await boss.asks("GET", f"{api}/settings-schema")).body
    assert schema["settings_schema"]["properties"]["tries"]["maximum"] == 9
    first = (await boss.asks("GET", api)).body
    assert (first["settings"], first["in_force"]["tries"], first["settings_problem"]) == ({}, 3, None)
    patch = {"settings": {"prefix": "A ", "server": {"key": SECRET}, "tries": 4}, "updated_at": first["updated_at"]}
    changed = await boss.asks("PATCH", api, patch)
    assert changed.status == 200, changed.text
    assert changed.body["settings"] == {"prefix": "A ", "tries": 4}
    assert changed.body["secrets_set"] == ["server.key"]
    assert (await boss.asks("PATCH", api, patch)).code == "robot_changed"
    back = await boss.asks("PATCH", api, {"settings": {"tries": None}, "name": "Rita", "active": False, "order": 1})
    assert (back.body["settings"], back.body["name"], back.body["active"]) == ({"prefix": "A "}, "Rita", False)
    for settings in ({"tries": 0}, {"nonsense": 1}, {"server": {"key": 5}}):
        refused = await boss.asks("PATCH", api, {"settings": settings})
        assert (refused.status, refused.code) == (422, "invalid"), settings
    assert (await boss.asks("PATCH", api, {"settings": {"server": {"key": None}}})).body["secrets_set"] == []


async def test_only_who_configures_robots_opens_the_page_and_only_in_their_own_workspace(rich_desk: Desk) -> None:
    boss, at = await rich(rich_desk)
    agent = await signed_in(rich_desk, "t1")
    assert (await agent.asks("GET", at)).status == 403
    forms: dict[str, dict[str, str]] = {
        "": {"name": "x"},
        "/copies": {"name": "x"},
        "/removal": {},
        "/restoration": {},
        "/place": {"by": "1"},
    }
    for path, form in forms.items():
        assert (await agent.asks("POST", at + path, form=form)).status == 403, path
    stranger = await rich_desk.signed_in("admin", workspace=await make_workspace(rich_desk.owner))
    for path, form in forms.items():
        async with stranger.http.post(
            rich_desk.url + at + path, data={"csrf_token": stranger.csrf, **form}
        ) as response:
            assert response.status == 404, path
    boss.csrf = ""
    assert (await boss.asks("POST", f"{at}/removal", form={})).status == 403, "the form proves its page"


async def test_what_a_new_item_is_by_default_is_ticked_and_adds_none_by_itself(desk: Desk) -> None:
    at = f"/admin/robots/{await installed(desk, 'rules')}"
    boss = await signed_in(desk, "admin")
    form = inputs((await boss.asks("GET", at)).text)
    ticked = {name for name in form if name.startswith("s.rules.") and form[name] == "true"}
    assert ticked == {"s.rules.0.whole_words"}
    await saves(boss, at)
    assert (await stored(desk, at))["settings"].get("rules", []) == []
    await saves(boss, at, s__rules__0__words="opening hours", s__rules__0__answer="From nine to five.")
    (rule,) = (await stored(desk, at))["settings"]["rules"]
    assert (rule["words"], rule["whole_words"], rule["match_case"]) == ("opening hours", True, False)
