"""What every test may ask for: a service, a receiver, a joined Graph call, an ACS connection."""

import pytest
from service import Receiver, Service


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def service():
    with Service() as service:
        yield service


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        yield receiver
