"""Recorded samples are put in order: clocks that were set, gaps, late and repeated ones."""

from __future__ import annotations

import pytest

from deploycheck.rules.samples import Figure, Sample, Stream, figure_of, sample_of, straightened


def at(*seconds: float) -> list[Sample]:
    """Return looks at these instants."""
    return [Sample(second, Stream.OWN, "GET /") for second in seconds]


def test_a_row_is_read_back_as_it_was_written() -> None:
    """Also the words."""
    sample = Sample(12.5, Stream.HEALTH, "/api/health by web1", bad=1, took_s=0.25, blind="we", said="it answered 503")
    figure = Figure(12.5, "worker_bytes", "web1, process 7", 123.0)

    assert sample_of(sample.row()) == sample
    assert figure_of(figure.row()) == figure
    with pytest.raises(ValueError, match="unpack"):
        sample_of([1, "health"])


def test_a_late_sample_goes_where_it_belongs() -> None:
    """Seconds late is late; the clock was not set."""
    ordered, notes = straightened(at(0, 10, 20, 15, 30))

    assert [sample.at for sample in ordered] == [0, 10, 15, 20, 30]
    assert notes == []


def test_a_clock_that_was_set_back_goes_on_where_it_stood() -> None:
    """An hour back, as at the end of summer time: nothing overlaps, nothing gets lost."""
    ordered, notes = straightened(at(*range(7200, 7210), *range(3610, 3620)))

    assert [sample.at for sample in ordered] == [*range(7200, 7210), *range(7210, 7219)]
    assert len(notes) == 2  # the first one after the step falls on the last one before it
    assert "set back by 3,599 s at sample 11" in notes[0]


def test_one_stray_of_long_ago_is_no_clock_that_was_set() -> None:
    """What follows it is of now."""
    ordered, notes = straightened(at(1000, 1010, 500, 1020))

    assert [sample.at for sample in ordered] == [500, 1000, 1010, 1020]
    assert notes == []


def test_a_gap_is_told() -> None:
    """Whether the clock was set forward or nobody looked: nothing was seen."""
    _, notes = straightened(at(0, 10, 400))

    assert notes == ["nothing was recorded for 390 s before sample 3"]


def test_a_repeated_sample_counts_once() -> None:
    """A file that was put together of two halves that overlap."""
    ordered, notes = straightened([*at(0, 10, 20), *at(10, 20, 30)])

    assert [sample.at for sample in ordered] == [0, 10, 20, 30]
    assert notes == ["2 samples were recorded twice and count once"]
