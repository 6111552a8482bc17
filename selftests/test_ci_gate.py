"""The workflow and the template that people copy: valid by the vendors' own schemas, and fit for this suite."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

EXAMPLES = Path(__file__).parent.parent / "examples"
GITHUB, GITLAB = EXAMPLES / "github-release-gate.yml", EXAMPLES / "gitlab-release-gate.yml"
SCHEMAS = {GITHUB: ["vendor.github-workflows"], GITLAB: ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"]}


def read(path: Path) -> Any:
    """Return a file's content, as a runner reads it."""
    return YAML(typ="safe", pure=True).load(path)


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_it_is_valid_by_the_vendor_s_schema(path: Path) -> None:
    """As published with check-jsonschema; no network."""
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *SCHEMAS[path], str(path)], capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflow_gates_pull_requests_and_releases() -> None:
    """It may read and nothing else, keeps the report however it ends, and fails with the verdict."""
    workflow = read(GITHUB)
    triggers = workflow[True] if True in workflow else workflow["on"]  # YAML 1.1 reads `on` as a boolean
    steps = {step.get("name") or step["uses"]: step for step in workflow["jobs"]["gate"]["steps"]}

    assert set(triggers) == {"pull_request", "workflow_dispatch", "workflow_call"}
    assert set(workflow["permissions"].values()) == {"read"}
    assert "-m predeploy" in steps["Gate"]["run"]
    assert "continue-on-error" not in steps["Gate"]
    assert steps["actions/upload-artifact@v4"]["if"].startswith("always()")


def test_no_expression_stands_in_a_script() -> None:
    """A branch's name is a stranger's text: in a script it would be run; in a variable it is quoted."""
    for step in read(GITHUB)["jobs"]["gate"]["steps"]:
        assert "${{" not in step.get("run", ""), step["name"]
        assert re.search(r'\$\w+(?!")\b', re.sub(r'"[^"]*"', "", step.get("run", ""))) is None, step["name"]


def test_the_template_gates_merge_requests_and_tags() -> None:
    """With the report kept however it ends, and the results where GitLab shows them."""
    job = read(GITLAB)[".release-gate"]

    assert any("-m predeploy" in line for line in job["script"])
    assert any("merge_request_event" in rule["if"] for rule in job["rules"])
    assert any("CI_COMMIT_TAG" in rule["if"] for rule in job["rules"])
    assert job["artifacts"]["when"] == "always"
    assert job["artifacts"]["reports"]["junit"].endswith("junit.xml")
    assert "allow_failure" not in job


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_it_names_only_options_that_there_are(path: Path) -> None:
    """What it runs is this suite's own command line."""
    said = path.read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "deploycheck", "release", "--help"], cwd=EXAMPLES.parent, capture_output=True, text=True, timeout=60,
        check=True,
    )  # fmt: skip
    for option in re.findall(r"deploycheck release new .*?$", said, re.MULTILINE)[0].split():
        if option.startswith("--"):
            assert option in done.stdout
