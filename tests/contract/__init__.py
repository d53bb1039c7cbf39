"""What every connector promises, as tests that each connector's own test file inherits."""

import pytest

pytest.register_assert_rewrite("tests.contract.desk", "tests.contract.platform", "tests.contract.tickets")
