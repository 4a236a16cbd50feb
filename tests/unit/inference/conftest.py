"""Small documents to infer from."""

import pytest


@pytest.fixture(autouse=True)
def _without_the_users_cache(own_cache):
    with own_cache():
        yield
