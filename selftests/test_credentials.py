"""Secrets: out of variables or the file that the profile names; one that is missing says who needs it, and none is shown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from deploycheck.checklist import items
from deploycheck.credentials import ITEMS
from deploycheck.errors import ObservationError, ProfileError
from deploycheck.gateway import Gateway
from deploycheck.observatory import Observatory
from deploycheck.profile import Environment, load
from deploycheck.questions import QUESTIONS, questions_of
from deploycheck.release import Release
from deploycheck.settings import Profile
from selftests.house import House

LOGIN = '[login]\nidentity_variable = "WHO"\npassword_variable = "WORD"\n'


def loaded(folder: Path, env_file: str | None, **variables: str) -> Environment:
    """Return the environment of a profile that names two secrets."""
    named = f'env_file = "{folder / ".env"}"\n' if env_file is not None else ""
    if env_file is not None:
        (folder / ".env").write_text(env_file, encoding="utf-8")
    profile = folder / "own.toml"
    profile.write_text(f'name = "own"\nbase_url = "https://gateway.test"\n{named}{LOGIN}')
    return load(str(profile), variables=variables)


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("WORD=s3cret", "s3cret"),
        ("export WORD=s3cret", "s3cret"),
        ("  WORD = s3cret  ", "s3cret"),
        ("WORD='s3 cret'", "s3 cret"),
        ('WORD="s3#cret" # of the vault', "s3#cret"),
        ("WORD=s3#cret", "s3#cret"),
        ("WORD=s3cret # of the vault", "s3cret"),
        ("WORD=$HOME", "$HOME"),
        ("WORD='it''", None),
        ('WORD="open', None),
        ("WORD=a=b==", "a=b=="),
        ("WORD=é", "é"),
    ],
)
def test_a_file_of_secrets(tmp_path: Path, line: str, value: str | None) -> None:
    """Nothing in it is expanded; a quote that does not end the value is refused, and not shown."""
    text = f"# secrets\n\nWHO=quinn\n{line}\n"
    if value is None:
        with pytest.raises(ProfileError, match=r"\.env line 4 has a quote that does not end the value") as trouble:
            loaded(tmp_path, text)
        assert "it'" not in str(trouble.value)
        assert "open" not in str(trouble.value).replace(str(tmp_path), "")
        return
    assert dict(loaded(tmp_path, text).secrets) == {"WHO": "quinn", "WORD": value}


def test_the_environment_comes_first(tmp_path: Path) -> None:
    """Environment variable beats profile; what the profile does not name is nobody's business."""
    found = loaded(tmp_path, "WHO=s3cret\nWORD=s3cret\nOTHER=x\n", WHO="quinn")
    assert dict(found.secrets) == {"WHO": "quinn", "WORD": "s3cret"}
    assert "s3cret" not in repr(found)
    assert repr(found.secrets) == "Secrets(WHO, WORD)"


@pytest.mark.parametrize("line", ["s3cret", "WO RD=s3cret", "=s3cret", "- WORD: s3cret"])
def test_a_line_that_is_no_assignment(tmp_path: Path, line: str) -> None:
    """Is named by number: it may be a secret."""
    with pytest.raises(ProfileError, match=r"\.env line 2 is no assignment; expected NAME=VALUE") as trouble:
        loaded(tmp_path, f"WHO=quinn\n{line}\n")
    assert "s3cret" not in str(trouble.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The profile named it, so somebody relies on it."""
    (tmp_path / ".env").mkdir()
    profile = tmp_path / "own.toml"
    profile.write_text(f'name = "own"\nbase_url = "https://gateway.test"\nenv_file = "{tmp_path / "secrets.env"}"\n')
    with pytest.raises(ProfileError, match=r"env_file = '.*secrets.env' cannot be read: No such file or directory; expected a file"):
        load(str(profile), variables={})


def test_a_missing_secret_names_its_variable_and_who_needs_it(tmp_path: Path) -> None:
    """So that whoever reads it knows what is lost without it."""
    with pytest.raises(ProfileError) as trouble:
        loaded(tmp_path, "WHO=quinn\n")
    assert str(trouble.value).endswith(
        "[login] password_variable names WORD for functional.login, functional.appointment, functional.email and 2 more, not set; "
        f"expected each secret in the environment variable of that name, or in {tmp_path / '.env'}"
    )


@pytest.mark.parametrize(
    ("stage", "wanted"),
    [
        ("", {"GITHUB_TOKEN", "GATEWAY_LOGIN", "MAILBOX_PASSWORD"}),
        ("postdeploy", {"GITHUB_TOKEN", "GATEWAY_LOGIN", "MAILBOX_PASSWORD"}),
        ("postdeploy or predeploy", {"GITHUB_TOKEN", "GATEWAY_LOGIN", "MAILBOX_PASSWORD"}),
        ("predeploy", {"GITHUB_TOKEN"}),
        ("slow", {"GITHUB_TOKEN", "GATEWAY_LOGIN", "MAILBOX_PASSWORD"}),  # no stage of ours: nobody knows what it needs
    ],
)
def test_a_stage_needs_its_own_secrets(stage: str, wanted: set[str]) -> None:
    """The gate in CI has the vendors' tokens, and no password of a customer's account."""
    with pytest.raises(ProfileError) as trouble:
        load("production", variables={}, stage=stage)
    named = set(re.findall(r"names (\w+)", str(trouble.value)))
    assert named & {"GITHUB_TOKEN", "GATEWAY_LOGIN", "MAILBOX_PASSWORD"} == wanted


def test_what_is_missing_is_said_by_who_asks_for_it(tmp_path: Path) -> None:
    """A check of another stage that is asked all the same is an error that names the variable; making its question is none."""
    environment = load("production", variables={}, stage=None)
    gateway = Gateway(environment, Release(version="1", commit="0" * 40), Observatory(), tmp_path)
    made = {item: len(questions_of(item, gateway)) for item in QUESTIONS}
    gateway.close()

    assert all(made.values())
    with pytest.raises(ObservationError, match="the environment variable GATEWAY_PASSWORD is not set; expected the secret in it"):
        environment.secret("GATEWAY_PASSWORD")


LEAKY = '''
@pytest.mark.check("deploy.logged")
def test_leaks(environment):
    """x"""
    known = environment.secrets
    processes = "".join(path.read_text(errors="replace") for name in ("cmdline", "environ") for path in Path("/proc/self").glob(name))
    print(known["WORD"])
    assert known["WORD"] not in processes, "the secret stands in the process list; expected it nowhere"
    raise errors.ObservationError(f"{known!r} and {known['WORD']}; expected neither")
'''


def test_a_secret_of_the_file_is_in_no_artefact(house: House) -> None:
    """Neither in the reports, nor on the terminal, nor among the processes."""
    house.write(".env", "WHO=quinn-of-qa\nWORD='s3cret of the vault'\n")
    house.profile("http://127.0.0.1:1", LOGIN, name="kept", top='env_file = ".env"')
    house.checks(LEAKY, "tests_own/test_leaks.py")
    ended = house.python("pytest", "--env", "kept", "--release", "1.2.3", "tests_own/test_leaks.py", "-rA", "--showlocals")

    assert ended.outcomes() == {"test_leaks": "error"}
    assert ended.folder
    assert "s3cret" not in ended.terminal
    assert [path.name for path in ended.folder.iterdir() if b"s3cret" in path.read_bytes()] == []


def sections(model: type[BaseModel], where: str = "") -> set[str]:
    """Return the sections of a profile that name secrets."""
    own = {where} if any(name.endswith("_variable") for name in model.model_fields) else set()
    inner = [sections(part, f"{where}.{name}".strip(".")) for name, field in model.model_fields.items() for part in parts(field.annotation)]
    return own.union(*inner)


def parts(annotation: Any) -> list[type[BaseModel]]:
    """Return the models in an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [part for argument in get_args(annotation) for part in parts(argument)]


def test_every_section_with_a_secret_says_who_needs_it() -> None:
    """But for publishing, which says it itself."""
    named = {section for section in sections(Profile) if not section.startswith("publish.")}
    unknown = {section for section in named if not any(section == prefix or section.startswith(f"{prefix}.") for prefix in ITEMS)}

    assert unknown == set()
    assert {item for needed in ITEMS.values() for item in needed} <= set(items())
