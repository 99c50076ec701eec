from __future__ import annotations

from listdrop.providers.http import HttpClient
from listdrop_cli.probing import _EXIT_CODES, _tested
from tests.support.fakes import ACCOUNT, ToyProvider


def test_a_provider_without_a_probe_says_that_its_key_cannot_be_tested() -> None:
    result, text = _tested(ToyProvider, ACCOUNT, HttpClient())

    assert (result, text) == ("untestable", "It can't be tested before an import.")
    assert _EXIT_CODES[result] == 4


def test_every_result_has_an_exit_code_of_its_own() -> None:
    codes = [*_EXIT_CODES.values(), 2]  # which is for commands that cannot do their work
    assert sorted(codes) == sorted(set(codes))
