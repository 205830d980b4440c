"""What every test may ask for: a service, a receiver, a joined Graph call, an ACS connection."""

import pytest
from service import Receiver, Service


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def service():
    """A small call: Microsoft's Python client takes 10 ms to read one person."""
    with Service("--participants", "12") as service:
        yield service


@pytest.fixture
def whole_service():
    """The call as it is when nothing is said about it."""
    with Service() as service:
        yield service


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        yield receiver
