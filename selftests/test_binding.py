"""Runbook, checklist and checks are one: nothing is in one of them and not in the others. And the library's parts keep to their layers."""

from __future__ import annotations

import ast
import hashlib
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploycheck.checklist import RUNBOOK, Item, items
from deploycheck.profile import SCHEMA, schema
from deploycheck.questions import QUESTIONS

ROOT = Path(__file__).parent.parent
RUNBOOK_SHA256 = "d30d836f77b99385e595fb2a4ae2905a801a0ea5906cb3e97af35ee520f9fa52"
STAGES = {"predeploy", "deployment", "postdeploy", "rollback", "performance", "watch", "short_term", "follow_up"}


def checks() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the item and the function of every check."""
    for path in ROOT.glob("tests_*/*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for mark in node.decorator_list:
                    if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.check":
                        yield ast.literal_eval(mark.args[0]), node


CHECKS: dict[str, list[ast.FunctionDef]] = defaultdict(list)
for _item, _function in checks():
    CHECKS[_item].append(_function)


@pytest.mark.parametrize("item", items().values(), ids=list(items()))
def test_every_item_is_pending_or_has_exactly_one_check(item: Item) -> None:
    """The check's first line is the item, word for word; a pending item has none."""
    found = CHECKS.get(item.id, [])

    assert len(found) == (0 if item.pending else 1)
    assert [str(ast.get_docstring(function)).splitlines()[0] for function in found] == [item.text] * len(found)


def test_every_check_is_of_an_item() -> None:
    """The only functions without an item of their own are those that list the pending ones."""
    assert set(CHECKS) <= set(items())
    for path in ROOT.glob("tests_*/test_*.py"):
        names = {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}
        marked = {function.name for found in CHECKS.values() for function in found}
        assert names <= marked | {"test_not_yet_verified"}, path


def test_every_question_is_of_an_item_that_has_a_check() -> None:
    """And the checks that ask questions are exactly those that have some."""
    asking = {item for item, found in CHECKS.items() if "question" in {argument.arg for argument in found[0].args.args}}

    assert set(QUESTIONS) == asking


def test_a_check_only_looks_keeps_and_asserts() -> None:
    """No condition, loop, exception handling, sleep, URL or limit in a check."""
    for item, found in CHECKS.items():
        nodes = list(ast.walk(found[0]))
        assert not [node for node in nodes if isinstance(node, ast.If | ast.For | ast.While | ast.Try)], item
        assert not [node for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, int | float)], item
        assert any(isinstance(node, ast.Assert) for node in nodes), item


def test_every_pending_item_is_listed_by_one_module() -> None:
    """An item whose first marker no module lists would silently be absent from a run."""
    listed = re.findall(r"pending_lines\(([^)]*)\)", "".join(path.read_text() for path in ROOT.glob("tests_*/test_not_yet_verified.py")))
    markers = [marker.strip().strip('"') for call in listed for marker in call.split(",")]

    assert len(markers) == len(set(markers))
    assert {item.markers[0] for item in items().values() if item.pending} <= set(markers)
    assert all(STAGES & set(item.markers) for item in items().values())


def test_every_line_of_an_item_stands_under_its_heading() -> None:
    """Between the heading and the next one of its level or above."""
    lines = RUNBOOK.read_text(encoding="utf-8").splitlines()
    for item in items().values():
        assert lines.count(item.heading) == 1, item.heading
        begin, level = lines.index(item.heading), item.heading.index(" ")
        ends = [number for number in _headings(lines) if number > begin and lines[number].index(" ") <= level]
        assert set(item.lines) <= {*lines[begin : ends[0] if ends else len(lines)]}, item.id


def test_every_box_of_the_runbook_is_one_item() -> None:
    """No line to be ticked belongs to no item, or to two."""
    lines = RUNBOOK.read_text(encoding="utf-8").splitlines()
    boxes = [number for number, line in enumerate(lines) if line.startswith("- [ ]")]
    owners: dict[int, list[str]] = defaultdict(list)
    for item in items().values():
        begin = lines.index(item.heading)
        for line in item.lines:
            owners[lines.index(line, begin)].append(item.id)

    assert len(boxes) == 70
    assert [lines[number] for number in boxes if len(owners[number]) != 1] == []


def _headings(lines: list[str]) -> list[int]:
    fenced, found = False, []
    for number, line in enumerate(lines):
        fenced ^= line.startswith("```")
        if line.startswith("#") and not fenced:
            found.append(number)
    return found


def test_the_runbook_is_the_one_that_was_given() -> None:
    """It is the source; nobody edits it to suit a check."""
    assert hashlib.sha256(RUNBOOK.read_bytes()).hexdigest() == RUNBOOK_SHA256


def test_the_schema_for_editors_is_current() -> None:
    """`python -m deploycheck schema` has been run since the profile last changed."""
    assert SCHEMA.read_text(encoding="utf-8") == schema()


def tracked() -> list[Path]:
    """Return the files of the repository, as far as they are there."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_this_machine_or_a_registry() -> None:
    """Neither where it was written nor where packages were fetched from."""
    here = "|".join(re.escape(str(path)) for path in {ROOT, Path.home() / "x"} if len(path.parts) > 2 and path.name != "x")
    private = rf"/wo{''}rk/(main|shared|plan)\b|/root/\.|index-url|extra-index|proxy\.golang" + (f"|{here}(?![\\w-])" if here else "")
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        if path != Path(__file__) and (match := re.search(private, path.read_text(encoding="utf-8", errors="replace")))
    ]

    assert found == []


def imports(path: Path) -> set[str]:
    """Return the modules that a file imports, wherever in it; those for types alone are left out."""
    tree = ast.parse(path.read_text())
    typing = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    nodes = [node for node in ast.walk(tree) if id(node) not in typing]
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}


LIBRARY = sorted((ROOT / "deploycheck").rglob("*.py"))


def roots(path: Path) -> set[str]:
    """Return the first words of a file's imports."""
    return {name.partition(".")[0] for name in imports(path)}


def test_rules_do_no_io_and_have_no_clock() -> None:
    """Judgement is pure: what it needs to know it is told."""
    forbidden = {"socket", "subprocess", "pathlib", "os", "sys", "time", "requests", "pytest", "shutil", "tempfile", "threading", "random"}
    for path in (ROOT / "deploycheck" / "rules").glob("*.py"):
        assert not roots(path) & forbidden, path
        assert not re.search(r"\bopen\(|datetime\.now|\.today\(|read_text|read_bytes", path.read_text()), path
        assert {name for name in imports(path) if name.startswith("deploycheck")} <= {
            f"deploycheck.rules.{other.stem}" for other in path.parent.glob("*.py")
        } | {"deploycheck.errors"}, path


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("targets", r"deploycheck\.(report|plugin|recorder|reporting|live|evidence(?!\.ledger)|questions|checklist)"),
        ("vendors", r"deploycheck\.(report|plugin|recorder|reporting|live|evidence|questions|checklist)"),
        ("evidence", r"deploycheck\.(report|plugin|recorder|live|targets|vendors|questions|gateway)"),
        ("report", r"deploycheck\.(plugin|recorder|reporting|live|targets|vendors|questions|gateway|profile)"),
        ("questions", r"deploycheck\.(report|plugin|recorder|reporting|live|evidence)"),
    ],
)
def test_nothing_flows_back(folder: str, forbidden: str) -> None:
    """Clients know nothing of reports; reports read the journal and nothing else."""
    for path in (ROOT / "deploycheck" / folder).glob("*.py"):
        assert [name for name in imports(path) if re.match(forbidden, name)] == [], path


def test_only_the_plugin_knows_pytest() -> None:
    """Everything else, what reports are made by included, works without it: on another machine, a year later."""
    knowing = {str(path.relative_to(ROOT / "deploycheck")) for path in LIBRARY if "pytest" in roots(path)}

    ours = {"plugin.py", "options.py", "checks.py", "endings.py", "results.py", "reporting.py", "closing.py"}
    assert knowing == {*ours, "report/pytest_html.py"}


def test_the_plugin_brings_no_gevent() -> None:
    """Imported into a process with threads, it can block for ever."""
    said = subprocess.run(
        [sys.executable, "-c", "import sys, deploycheck.plugin; print('gevent' in sys.modules, 'locust' in sys.modules)"],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip

    assert said.stdout.split() == ["False", "False"]
