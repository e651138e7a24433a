"""The car that tests of the car's functions drive."""

import pytest
from tests.support.simulated_car import Car


@pytest.fixture
def car() -> Car:
    return Car()
