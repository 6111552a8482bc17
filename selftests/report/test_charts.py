"""Pictures over time: every one has a text alternative, nothing in it is unescaped, and what is not there is not drawn."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from deploycheck.report.page.charts import chart, histogram, looks
from deploycheck.report.page.over_time import load, over_time

POINTS = [(float(at), at / 100) for at in range(0, 300, 10)]


def parsed(picture: str) -> ElementTree.Element:
    """Return the picture as XML: it must be well-formed."""
    return ElementTree.fromstring(picture)  # noqa: S314 - our own


def told(data: dict[str, Any]) -> tuple[str, str]:
    """Return the line and the picture of a record."""
    line, _, picture = over_time({"began_at": "2026-11-23T18:00:00+00:00", "lasted_s": 300.0, "ended_by": "", **data})
    return line, str(picture)


def test_lines_with_a_limit_and_a_legend() -> None:
    """Each line has a dash pattern of its own, and its name."""
    picture = parsed(chart([("p50", POINTS), ("p<95>", POINTS)], 2.0, "s", "a & b"))

    assert picture.get("aria-label") == "a & b"
    assert picture.get("role") == "img"
    assert [line.get("class") for line in picture.iter("polyline")] == ["curve c0", "curve c1"]
    words = [text.text for text in picture.iter("text")]
    assert "limit 2 s" in words
    assert "p<95>" in words
    assert "60 s" in words


def test_one_line_needs_no_legend_and_no_points_no_picture() -> None:
    """Nothing is drawn of nothing."""
    assert "all" not in [text.text for text in parsed(chart([("all", POINTS)], None, "ratio", "")).iter("text")]
    assert chart([("all", [])], 1.0, "s", "") == ""
    assert histogram([], {}, None, "") == ""


def test_flat_and_single_values_are_drawn() -> None:
    """No division by nothing."""
    for points in ([(0.0, 0.0)], [(0.0, 5.0), (10.0, 5.0)], [(0.0, 1e9), (10.0, 1.001e9)]):
        parsed(chart([("a", points)], None, "bytes", ""))


def test_looks_are_marks_and_failures_tall_ones() -> None:
    """Told apart by their height, not only by colour."""
    picture = parsed(looks([(0.0, 1.0), (10.0, 0.0), (20.0, 1.0)], "3 looks"))

    marks = {path.get("class"): path.get("d") for path in picture.iter("path")}
    assert str(marks["look"]).count("v4") == 2
    assert str(marks["look failed"]).count("v16") == 1


def test_a_histogram_has_its_percentiles() -> None:
    """And its limit."""
    picture = parsed(histogram([(10.0, 5), (20.0, 50), (400.0, 1)], {"p50": 15.0, "p95": 200.0}, 500.0, "56 times"))

    assert len(list(picture.iter("rect"))) == 3
    assert {"p50", "p95", "limit"} <= {text.text for text in picture.iter("text")}


def test_a_record_of_a_watch_is_told() -> None:
    """What it comes to, and its limit."""
    line, picture = told({"unit": "ratio", "limit": 0.1, "lines": [{"name": "share that failed", "points": [[0, 0.0], [300, 0.05]]}]})
    assert line == "share that failed 0 % to 5 %, at the end 5 %; limit 10 %"
    assert "polyline" in picture

    looked = {"lines": [{"name": "looks", "points": [[0, 1], [10, 0]]}], "standing": {"looks": 2, "blind": 3, "worst": 1.0}}
    line, picture = told({"unit": "", "limit": None, **looked})
    assert line == "2 looks over 300 s, 1 failed, at most 1 in a row; of 3 more the verifier saw nothing"
    assert "timeline" in picture

    assert told({"unit": "s", "limit": None, "lines": []}) == ("nothing was measured", "")


def test_a_load_is_told() -> None:
    """With its histogram."""
    record = {
        "requests": 100, "failed": 2, "achieved_per_s": 39.8, "intended_per_s": 40.0, "percentiles_ms": {"p50": 12.0, "p95": 31.0},
        "histogram_ms": {"12.6": 60, "31.6": 38}, "target": "https://api.gateway.test",
    }  # fmt: skip
    line, blocks, picture = load(record)

    assert line == "100 requests, 2 failed, 39.8 per second of 40 intended: p50 12 ms, p95 31 ms"
    assert "rect" in picture
    assert blocks
