"""Where people stumbled when they first tried it, what they should see, and the tests that hold it.

They were a marketer, an engineer, somebody on call, somebody on a telephone, and a newcomer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from local.engine import ROOT


@dataclass(frozen=True)
class Stumble:
    """What somebody did, and saw; what they should see; the tests that hold it, by their names."""

    who: str
    did: str
    saw: str
    should_see: str
    tests: tuple[str, ...]


STUMBLES = (
    Stumble(
        "on call",
        "erased a person by the address, of whom Waalaxy knows the profile",
        "nothing was found, exit 0",
        "both names erased, or what was not searched, exit 1",
        (
            "test_the_other_name_beside_the_given_one_is_found_as_well",
            "test_a_person_is_erased_from_all_five_providers_jobs",
        ),
    ),
    Stumble(
        "all",
        "asked for the same person, in a terminal and on the page of people",
        "three of five providers",
        "all of it",
        (
            "test_a_person_is_found_by_each_name_in_a_row",
            "test_a_person_is_found_by_address_and_by_the_profile_that_goes_with_it",
        ),
    ),
    Stumble(
        "marketer",
        "corrected rejects.csv and dropped it as the e-mail says",
        "five jobs, and people sent again to who had them",
        "one job",
        (
            "test_corrected_rows_go_to_the_destination_of_their_job_only",
            "test_the_acts_print_what_the_readme_shows",
        ),
    ),
    Stumble(
        "marketer",
        "looked for rows that are refused for good",
        "in neither file, and duplicates among rows to correct",
        "one file of what to correct",
        ("test_rejects_are_the_rows_to_correct_and_why",),
    ),
    Stumble(
        "on call",
        "had a provider that could not be reached",
        "nothing but a rising estimate, and an account that is fine",
        "cause, since when, next try, alarm",
        (
            "test_a_job_shows_what_is_wrong_with_its_provider",
            "test_an_account_that_cannot_be_reached_is_never_fine",
            "test_an_account_that_cannot_be_reached_is_listed_as_unreachable",
        ),
    ),
    Stumble(
        "on call",
        "looked at an expired job of which nothing was sent",
        "three sentences that contradict each other",
        "nothing was sent",
        ("test_an_expired_job_of_which_nothing_was_sent_says_nothing_else",),
    ),
    Stumble(
        "engineer",
        "replaced a key as documented",
        "base_url: field required",
        "the rest is kept",
        (
            "test_a_new_key_leaves_the_other_settings_as_they_are",
            "test_another_setting_leaves_the_key_as_it_is",
        ),
    ),
    Stumble(
        "marketer",
        "opened results in a spreadsheet",
        "wrong letters, one column, an apostrophe before each number, codes",
        "opens right",
        (
            "test_every_result_file_is_written_as_the_upload_is_and_reads_back_the_same",
            "test_libreoffice_shows_every_cell_as_it_was",
        ),
    ),
    Stumble(
        "engineer",
        "retried a job four times",
        "sent four times, without a word",
        "asked, with what the first one did",
        ("test_what_was_sent_again_before_is_told_and_asked_about",),
    ),
    Stumble(
        "all",
        "watched 50,000 rows",
        "47 seconds left, then 24 minutes; it was 3.5",
        "an estimate that holds",
        (
            "test_an_estimate_holds_and_does_not_rise",
            "test_rows_that_were_settled_by_the_plan_are_no_pace",
        ),
    ),
    Stumble(
        "all",
        "looked at a running job",
        "0 of 196 batches, with 50 sent",
        "what is sent, what is answered",
        (
            "test_it_is_said_how_many_batches_are_sent_and_answered",
            "test_a_running_job_says_how_far_it_is_and_shows_no_files",
        ),
    ),
    Stumble(
        "all",
        "looked at the overview while a job ran",
        "success 6.6 %",
        "of the rows that had a chance",
        ("test_rows_that_were_not_fit_to_be_sent_had_no_chance",),
    ),
    Stumble(
        "marketer",
        "was on AWS without any tools",
        "no page opens",
        "a sign-in, and pages",
        (
            "test_somebody_with_a_role_comes_back_to_the_page_that_they_wanted",
            "test_a_file_goes_from_the_disk_to_its_upload",
        ),
    ),
    Stumble(
        "marketer",
        "read the five e-mails of an upload",
        "links to the console, shell commands",
        "one e-mail with one link",
        (
            "test_where_people_can_open_the_dashboard_its_page_is_all_that_they_need",
            "test_with_a_dashboard_an_e_mail_leads_to_it_and_not_to_the_console",
        ),
    ),
    Stumble(
        "marketer",
        "dropped the same file again",
        "rejects.csv with all 60 people",
        "nothing to correct",
        ("test_of_a_skipped_job_nothing_is_to_correct_or_to_send_again",),
    ),
    Stumble(
        "engineer",
        "wrote a field that there is not in a route: e_mial",
        "the route is written, and all rows are invalid later",
        "refused: did you mean email?",
        ("test_a_field_that_is_almost_a_known_one_is_refused",),
    ),
    Stumble(
        "engineer",
        "started `make up` again, or had it killed",
        "routes, accounts and jobs are gone",
        "kept, or told",
        (
            "test_what_up_has_lasts_until_it_is_forgotten",
            "test_what_ended_seconds_ago_is_there_after_a_power_cut",
            "test_half_a_copy_is_forgotten",
        ),
    ),
    Stumble(
        "on call",
        "had a key that is refused",
        "the file was not used",
        "the key is refused, and how to replace it",
        (
            "test_a_rejected_job_says_what_was_not_usable_and_what_fixes_it",
            "test_an_account_whose_last_job_was_refused_its_key_is_a_problem",
        ),
    ),
    Stumble(
        "on a telephone",
        "looked at the latest jobs",
        "five equal names, and the provider off the screen",
        "the provider and the bad rows first",
        ("test_a_telephone_shows_providers_states_and_bad_rows_first",),
    ),
    Stumble(
        "on call",
        "asked for jobs at nine in the morning",
        "no jobs, as the day of UTC had just begun",
        "those of the last day, what needs attention first",
        (
            "test_jobs_that_need_attention_are_listed_first_with_their_balance",
            "test_jobs_are_those_of_the_last_24_hours_or_of_the_period_that_is_asked_for",
        ),
    ),
    Stumble(
        "engineer",
        "served the dashboard without its endpoint",
        "500 and a traceback",
        "a sentence",
        (
            "test_without_aws_a_page_is_a_sentence",
            "test_the_dashboard_says_a_sentence_where_nobody_is_at_the_endpoint",
        ),
    ),
    Stumble(
        "engineer",
        "checked a file",
        "10 of 21 bad rows, and codes",
        "all of them, or how many more; which columns leave",
        (
            "test_it_names_every_column_for_each_destination_and_what_goes_out",
            "test_rows_that_are_not_sent_have_their_sentence_and_the_rest_is_counted",
        ),
    ),
    Stumble(
        "engineer",
        "copied a file into the bucket, but not into inbox/",
        "silence",
        "doctor tells",
        ("test_what_is_wrong_is_a_problem_and_says_what_to_do",),
    ),
    Stumble(
        "newcomer",
        "read the README, of 429 lines",
        "no cost, uninstalling, rights, first real provider, keys",
        "they are there, in fewer than 200 lines",
        ("test_the_readme_is_short_and_has_what_a_newcomer_looks_for",),
    ),
    Stumble(
        "newcomer",
        "followed step 5 of adding a provider",
        ".venv/bin/pytest is missing",
        "a target of make",
        (
            "test_the_page_s_tests_pass_and_none_misses_anything",
            "test_adding_a_provider_names_targets_of_make",
        ),
    ),
)


@pytest.fixture(scope="module")
def there_are() -> frozenset[str]:
    """The names of all tests. They are read and not imported: some need a browser."""
    files = (ROOT / "tests").rglob("*.py")
    return frozenset(
        name for file in files for name in re.findall(r"def (test_\w+)\(", file.read_text("utf-8"))
    )


@pytest.mark.parametrize("stumble", STUMBLES, ids=[each.did for each in STUMBLES])
def test_each_is_held_by_tests_that_there_are(stumble: Stumble, there_are: frozenset[str]) -> None:
    assert stumble.tests
    assert set(stumble.tests) <= there_are


def test_none_of_them_is_forgotten() -> None:
    assert len(STUMBLES) == 25


def test_the_readme_is_short_and_has_what_a_newcomer_looks_for() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert len(text.splitlines()) < 200
    for what, words in {
        "cost": "docs/cost.md",
        "uninstalling": "sam delete",
        "rights": "docs/commands.md",
        "the first real provider": "listdrop drop me.csv",
        "keys": "listdrop account put",
        "their test": "listdrop account test",
    }.items():
        assert words in text, what


def test_adding_a_provider_names_targets_of_make() -> None:
    page = (ROOT / "docs" / "adding-a-provider.md").read_text("utf-8")
    assert "make test-provider PROVIDER=" in page
    assert ".venv/bin/pytest" not in page
    assert "test-provider:" in (ROOT / "Makefile").read_text("utf-8")
