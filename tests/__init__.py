"""The desk's tests; their own modules of assertions explain their failures like the tests themselves."""

import pytest

pytest.register_assert_rewrite("tests.people", "tests.streams")
