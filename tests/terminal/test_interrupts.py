import os
import signal
from io import StringIO

import pytest
from rich.console import Console

from app.terminal.interrupts import first_interrupt_stops


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_the_first_interrupt_only_sets_the_event_and_says_so() -> None:
    text = StringIO()

    with first_interrupt_stops(Console(file=text)) as stop:
        assert not stop.is_set()
        interrupt()
        assert stop.is_set()

    assert "Ctrl-C again" in text.getvalue()


def test_the_second_interrupts() -> None:
    def interrupted_twice() -> None:
        with first_interrupt_stops(Console(file=StringIO())):
            interrupt()
            interrupt()

    with pytest.raises(KeyboardInterrupt):
        interrupted_twice()


def test_afterwards_an_interrupt_is_what_it_was_before() -> None:
    before = signal.getsignal(signal.SIGINT)

    with first_interrupt_stops(Console(file=StringIO())):
        pass

    assert signal.getsignal(signal.SIGINT) is before
