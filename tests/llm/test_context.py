"""Whatever is said, it fits the window: no call without its result, and the guest's newest message stays."""

from hypothesis import given
from hypothesis import strategies as st

from supportdesk.llm.context import LEAST, Optimisation, clipped, fit, newest_of
from supportdesk.llm.talk import Asked, Call, Part, Returned, Said, tokens_of_parts

TEXTS = st.text(alphabet="ab é漢", max_size=900)


@st.composite
def conversations(draw: st.DrawFn) -> list[Part]:
    """Messages, calls with their results, and documents, the newest message somewhere near the end."""
    parts: list[Part] = []
    for number in range(draw(st.integers(0, 8))):
        parts.extend(draw(_exchange(number)))
    if draw(st.booleans()):
        parts.append(Asked(text=draw(TEXTS), is_data=True))
    parts.append(Asked(text=draw(st.text(min_size=1, max_size=400))))
    for number in range(draw(st.integers(0, 3))):
        parts.extend(draw(_called(f"late{number}")))
    return parts


@st.composite
def _exchange(draw: st.DrawFn, number: int) -> list[Part]:
    parts: list[Part] = [Asked(text=draw(TEXTS))]
    if draw(st.booleans()):
        parts.extend(draw(_called(f"call{number}")))
    return [*parts, Said(text=draw(TEXTS))]


@st.composite
def _called(draw: st.DrawFn, name: str) -> list[Part]:
    ids = [f"{name}-{each}" for each in range(draw(st.integers(1, 3)))]
    calls = tuple(Call(id=each, name="look_up", args='{"order": 1}') for each in ids)
    returned = [Returned(id=each, name="look_up", text=draw(TEXTS)) for each in ids]
    return [Said(text="", calls=calls), *returned]


@given(conversations(), st.integers(LEAST, 3_000))
def test_it_fits_and_keeps_together_what_belongs_together(parts: list[Part], budget: int) -> None:
    fitted = fit(parts, budget)
    assert tokens_of_parts(fitted.parts) <= budget
    called = [call.id for part in fitted.parts if isinstance(part, Said) for call in part.calls]
    returned = [part.id for part in fitted.parts if isinstance(part, Returned)]
    assert called == returned
    newest = parts[newest_of(parts)]
    kept = fitted.parts[newest_of(fitted.parts)]
    assert isinstance(newest, Asked)
    assert isinstance(kept, Asked)
    assert newest.text.startswith(kept.text)
    assert not kept.is_data
    for step in fitted.steps:
        assert step.after < step.before
        assert step.left_out
    if tokens_of_parts(parts) <= budget:
        assert fitted.parts == tuple(parts)
        assert fitted.steps == ()


LONG = Returned(id="c", name="look_up", text="x" * 9_000)


def test_results_are_shortened_before_anything_is_forgotten() -> None:
    call = Call(id="c", name="look_up", args="{}")
    parts: list[Part] = [
        Asked(text="Hello"),
        Said(text="", calls=(call,)),
        Returned(id="c", name="look_up", text="x" * 9_000),
    ]
    fitted = fit([*parts, Asked(text="And now?")], 400)
    assert [step.kind for step in fitted.steps] == [Optimisation.COMPRESSION]
    assert len(fitted.parts) == len(parts) + 1
    assert len(clipped("x" * 9_000, 600)) <= 600
