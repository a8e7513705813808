"""What long work tells on standard error."""

import sys

import pytest

from kzus_graph.cli import progress
from kzus_graph.cli.progress import SHARES, Steps
from kzus_graph.processes.parallel import Took


def test_the_shares_make_a_whole() -> None:
    assert sum(SHARES.values()) == 100


def test_short_steps_are_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    steps = Steps()
    for name in ("reading", "merging"):
        steps(name)
    steps.done()
    assert capsys.readouterr().err == ""


def test_a_profile_tells_each_step_and_what_ran_beside(capsys: pytest.CaptureFixture[str]) -> None:
    steps = Steps(profile=True)
    steps("reading")
    steps("beside", Took(1.25, 300))
    steps.done()
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[0] for line in lines] == ["beside", "reading", "all"]
    assert lines[0].split()[1:] == ["1.2", "s", "300", "MiB"]


def test_why_a_step_takes_long_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    Steps()("reasoning by owlrl", why="owlrl reasons, which takes long: no compiled rules for x")
    assert capsys.readouterr().err == "kzus-graph: owlrl reasons, which takes long: no compiled rules for x\n"


def test_a_long_build_says_how_much_is_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(progress.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    steps = Steps()
    steps("reading")
    now[0] = 30.0
    steps("merging")
    done = SHARES["reading"]
    assert f"about {30 / done * (100 - done):.0f} s left" in capsys.readouterr().err
