"""A profile that cannot be used is refused before the first check, in one sentence that helps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploycheck.effects import Effect
from deploycheck.errors import ProfileError
from deploycheck.profile import ENVIRONMENTS, load
from selftests.house import House

TOP = 'name = "p"\nbase_url = "https://api.gateway.test"\n'
SERVER = '[servers.web1]\nssh = "ssh://deploy@web1"\napp = "/var/www/gateway"\n'
LOGIN = '[login]\nidentity_variable = "WHO"\npassword_variable = "WORD"\n'
NEEDED = " for functional.login, functional.appointment, functional.email and 2 more"

BAD: dict[str, tuple[str, str]] = {
    "unknown key": (TOP + 'base_ulr = "x"\n', "base_ulr is not a known key; allowed: base_url (did you mean it?), address, "),
    "unknown key in a section": (
        TOP + "[thresholds]\nhealth_time = 2.0\n",
        "[thresholds] health_time is not a known key; allowed: health_time_s (did",
    ),
    "unknown section": (TOP + '[helth.overall]\npath = "/h"\n', "helth is not a known key; allowed: health (did you mean it?), "),
    "unknown key of a server": (
        TOP + SERVER + 'adress = "a:1"\n',
        "[servers.web1] adress is not a known key; allowed: address (did you mean it?), ",
    ),
    "wrong type": (TOP + 'timeout_s = "10"\n', "timeout_s = '10': input should be a valid number"),
    "a word for a list": (TOP + 'permits = "read"\n', "permits = 'read': input should be a valid"),
    "an unknown effect": (TOP + 'permits = ["reed"]\n', "[permits] 0 = 'reed': input should be 'read', 'write', 'send', 'load' or 'drill'"),
    "a negative limit": (TOP + "timeout_s = -1.0\n", "timeout_s = -1.0: input should be greater than 0"),
    "a ratio above one": (
        TOP + "[thresholds]\nbackup_size_ratio = 50.0\n",
        "backup_size_ratio = 50.0: input should be less than or equal to 1",
    ),
    "no URL": (TOP.replace("https://", ""), "base_url = 'api.gateway.test': string should match pattern"),
    "nothing": ("", "lacks name; lacks base_url"),
    "half a server": (TOP + '[servers.web1]\nssh = "ssh://d@web1"\n', "[servers.web1] lacks app"),
    "half a login": (TOP + '[login]\nidentity_variable = "WHO"\n', "[login] lacks password_variable"),
    "half a health point": (TOP + '[health.redis]\ncomponent = "redis"\n', "[health.redis] lacks path"),
    "not provided without reason": (
        TOP + "[health.redis]\nprovided = false\n",
        "[health.redis] lacks reason, which `provided = false` needs",
    ),
    "a status code alone": (
        TOP + '[health.redis]\npath = "/r"\nstatus_field = ""\n',
        "[health.redis] lacks status_field, component or components: a status code alone is no health",
    ),
    "unset secret": (
        TOP + LOGIN,
        f"[login] identity_variable names WHO{NEEDED}, [login] password_variable names WORD{NEEDED}, not set; expected each secret in",
    ),
    "empty secret": (TOP + LOGIN, f"[login] password_variable names WORD{NEEDED}, not set; expected each"),
    "a secret in the profile": (
        TOP + LOGIN.replace("WORD", "s3cret!"),
        "[login] password_variable = 's3cret!': string should match pattern",
    ),
    "unknown item not used": (TOP + '[not_used]\n"errors.jobs" = "x"\n', "'errors.jobs' is not an item of the runbook; expected errors."),
    "unknown critical item": (TOP + 'critical = ["health"]\n', "'health' is not an item of the runbook; expected "),
    "bad zone": (TOP + 'time_zone = "Berlin"\n', "time_zone = 'Berlin' is not a time zone; expected a name such as Europe/Berlin"),
    "bad zone of the application": (
        TOP + '[application]\nenvironment = "x"\ntime_zone = "../etc"\n',
        "[application] time_zone = '../etc' is not a time zone; expected a name such as Europe/Berlin",
    ),
    "a freeze at a time that clocks skip": (
        TOP + '[[calendar.freezes]]\nstart = "2026-03-29 02:30"\nend = "2026-03-30 00:00"\nreason = "Easter"\n',
        "[calendar] freezes, Easter: 2026-03-29 02:30 does not exist in Europe/Berlin, whose clocks skip it; expected a time",
    ),
    "a freeze without a reason": (
        TOP + '[[calendar.freezes]]\nstart = "2026-03-29 00:00"\nend = "2026-03-30 00:00"\n',
        "[calendar.freezes.0] lacks reason",
    ),
    "a weekday that is none": (TOP + '[calendar]\nclosed = ["Freitag"]\n', "[calendar.closed] 0 = 'Freitag': input should be 'Monday'"),
    "unknown server": (
        TOP + SERVER + '[deployment]\nserver = "web"\n',
        "[deployment] server = 'web' is not in [servers]; expected one of web1",
    ),
    "no server": (
        TOP + '[backup]\nserver = "web1"\n',
        "[backup] server = 'web1' is not in [servers]; expected one of them, but there is none",
    ),
    "workflow without GitHub": (
        TOP + SERVER + '[deployment]\nserver = "web1"\nmethod = "workflow"\nworkflow = "deploy.yml"\n',
        '[deployment] method = "workflow" needs [vendors.github]',
    ),
    "workflow without a workflow": (
        TOP + SERVER + '[deployment]\nserver = "web1"\nmethod = "workflow"\n',
        '[deployment] lacks workflow, which `method = "workflow"` needs',
    ),
    "environment to compare with": (
        TOP + '[health.overall]\npath = "/h"\nenvironment_field = "env"\n',
        "[health.overall] environment_field needs [application] environment to compare with",
    ),
    "stack fact without a stack": (TOP + 'ca_file = "${stack.ca_file}"\n', "${stack.ca_file} is unknown; expected local_stack = true"),
    "not TOML": ("name = stub\n", "is not valid TOML: Invalid value (at line 1, column 8)"),
    "twice": (TOP + 'name = "q"\n', "is not valid TOML: Cannot overwrite a value"),
    "not text": ('name = "\udcff"\n', "is not valid TOML: 'utf-8' codec can't decode"),
}
VARIABLES: Mapping[str, Mapping[str, str]] = {"empty secret": {"WHO": "mara", "WORD": ""}}


def refusal(path: Path, variables: Mapping[str, str]) -> str:
    """Return why a profile cannot be used."""
    with pytest.raises(ProfileError) as raised:
        load(str(path), variables=variables)
    return str(raised.value)


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_be_used_is_told_in_one_sentence(tmp_path: Path, kind: str) -> None:
    """It names the file and the key, and what is allowed."""
    text, told = BAD[kind]
    path = tmp_path / "p.toml"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    said = refusal(path, VARIABLES.get(kind, {}))

    assert said.startswith(f"{path}"), said
    assert told in said
    assert "\n" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("kind", ["unknown key", "unset secret", "not TOML", "unknown server", "bad zone"])
def test_a_run_with_it_ends_in_4_and_leaves_nothing(house: House, kind: str) -> None:
    """One line on the terminal, before any check and without a folder."""
    house.write("environments/bad.toml", BAD[kind][0])
    ended = house.pytest("--env", "bad", "-m", "postdeploy")
    lines = [line for line in ended.terminal.splitlines() if line.strip()]

    assert ended.code == 4
    assert len(lines) == 1, ended.terminal
    assert lines[0].startswith("ERROR: environments/bad.toml")
    assert BAD[kind][1] in lines[0]
    assert ended.folder is None


def test_an_environment_that_is_not_there_names_those_that_are(house: House, tmp_path: Path) -> None:
    """By name, and by path."""
    there = ", ".join(sorted(path.stem for path in (house.root / "environments").glob("*.toml")))
    by_name, by_path = house.pytest("--env", "prodction"), house.pytest(f"--env={tmp_path}/x.toml")

    assert by_name.code == by_path.code == 4
    assert f"environments/prodction.toml does not exist; expected --env to name one of: {there}" in by_name.terminal
    assert f"{tmp_path}/x.toml does not exist; expected --env to name one of: {there}" in by_path.terminal


def test_a_folder_is_no_profile(tmp_path: Path) -> None:
    """Nor is a file that cannot be read."""
    (tmp_path / "folder.toml").mkdir()

    assert refusal(tmp_path / "folder.toml", {}) == f"{tmp_path}/folder.toml cannot be read: Is a directory"


def test_a_profile_by_its_path_is_used(house: House, tmp_path: Path) -> None:
    """`--env=PATH.toml` works for a file anywhere.

    After a space, pytest takes an existing path for one of tests and looks for its own settings there."""
    path = house.profile("http://127.0.0.1:1", "", name="elsewhere").rename(tmp_path / "elsewhere.toml")
    ended = house.pytest(f"--env={path}", "-m", "postdeploy", "--collect-only", "-q")

    assert ended.code == 0, ended.terminal


def test_what_a_profile_says_of_itself(tmp_path: Path) -> None:
    """Defaults are harmless; secrets are found by name, and are not in what is printed of it."""
    path = tmp_path / "p.toml"
    path.write_text(TOP + LOGIN)
    environment = load(str(path), variables={"WHO": "mara", "WORD": "s3cret-word", "OTHER": "not-asked-for"})

    assert environment.settings.permits == {Effect.READ}
    assert (environment.secret("WORD"), environment.secret(None)) == ("s3cret-word", None)
    assert dict(environment.secrets) == {"WHO": "mara", "WORD": "s3cret-word"}
    assert "s3cret-word" not in repr(environment)


def test_facts_of_the_stack_fill_the_profile(tmp_path: Path) -> None:
    """Each is a variable as well; a variable of the environment's own wins."""
    path = tmp_path / "p.toml"
    path.write_text(
        TOP.replace('p"', '${stack.name}"', 1) + "local_stack = true\n" + LOGIN.replace("WHO", "STACK_WHO").replace("WORD", "STACK_WORD")
    )
    facts = {"name": "local-x", "who": "stack", "word": "stack"}
    environment = load(str(path), variables={"STACK_WORD": "mine"}, facts=lambda: facts)

    assert environment.name == "local-x"
    assert dict(environment.secrets) == {"STACK_WHO": "stack", "STACK_WORD": "mine"}


@pytest.mark.parametrize("path", sorted(ENVIRONMENTS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_profile_of_this_repository_can_be_used(path: Path) -> None:
    """Given the secrets that it names; none stands in it."""
    text = path.read_text()
    variables = {name: f"value of {name}" for name in re.findall(r'_variable = "([A-Z0-9_]+)"', text)}
    named = re.findall(r"\$\{stack\.(\w+)\}", text)
    places = {name: "127.0.0.1:8443" if name.endswith("address") else "8443" if name.endswith("port") else f"/{name}" for name in named}
    facts = places | {"environment": "local", "host": "h", "ssh_url": "ssh://d@h"}
    facts |= {name: "127.0.0.1" for name in named if name.endswith("_host")}
    facts |= {name: f"http://127.0.0.1/{name}" for name in named if name.endswith("_url") and name != "ssh_url"}
    environment = load(str(path), variables=variables, facts=lambda: facts)

    assert set(environment.secrets) <= set(variables)
    assert environment.settings.production is (path.stem == "production")
    assert environment.settings.permits == {Effect.READ} or path.stem != "production"
