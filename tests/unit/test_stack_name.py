"""A stack's name is checked before anything is made."""

from __future__ import annotations

import pytest

from tools.stack_name import bucket_name, problems


@pytest.mark.parametrize("name", ["listdrop", "l", "list-drop-2", "s" * 27, "awe", "ss-m"])
def test_a_name_that_every_service_takes_is_no_problem(name: str) -> None:
    assert list(problems(name)) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Listdrop", "no capital letters"),
        ("aws-lists", "may not begin with aws or ssm"),
        ("SSMlists", "may not begin with aws or ssm"),
        ("s" * 28, "may have 27"),
        ("2nd", "begins with a letter"),
        ("list_drop", "letters, digits and hyphens only"),
        ("list.drop", "letters, digits and hyphens only"),
        ("xn--lists", "No bucket may be named xn--lists-uploads-"),
        ("", "begins with a letter"),
    ],
)
def test_a_name_that_some_service_refuses_is_refused_with_a_reason(name: str, said: str) -> None:
    assert said in " ".join(problems(name))


def test_how_long_a_name_may_be_depends_on_the_region() -> None:
    name = "s" * 32

    assert len(bucket_name(name, "us-east-1")) == 63
    assert list(problems(name, "us-east-1")) == []
    assert list(problems(f"{name}s", "us-east-1")) != []
    assert list(problems(name, "ap-southeast-2")) != []
