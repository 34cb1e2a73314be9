"""Jobs in several processes: their order, and a process that is ended from outside."""

from __future__ import annotations

import os
import signal

import pytest

from fakememtrace.errors import FakememtraceError
from fakememtrace.evals.spreading import spread


def doubled(job):
    """What a process makes of a job."""
    return 2 * job


def dying(job):
    """Ends its process at one of the jobs."""
    if job[0] == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return job[0]


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_jobs(workers):
    """However many processes there are, the results are those of one, in the order of the jobs."""
    assert list(spread(doubled, range(9), workers, chunk=2)) == [0, 2, 4, 6, 8, 10, 12, 14, 16]


def test_a_process_that_is_ended_is_told_in_words():
    """A process that is killed ends all at once with an error in words, also while long values wait for their turn."""
    jobs = [(number, "x" * 200_000) for number in range(8)]
    with pytest.raises(FakememtraceError) as caught:
        list(spread(dying, jobs, 2, "mutants"))
    assert str(caught.value) == (
        "a process that ran mutants was ended from outside, so there is no result.\n"
        "What to do: run it again, with fewer --workers where memory was short."
    )
