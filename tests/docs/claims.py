"""Whose each block of code is: the test that runs it, parses it or holds it against what is really printed.

``python -m tests.docs`` breaks every block, one at a time, and says which of them its test did not miss.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CLAIMS", "UNTRIED", "Claim"]

TYPED = "tests/docs/test_typed.py::test_every_command_does_what_is_shown"
WORKFLOW = "tests/docs/test_workflows.py::test_every_step_can_be_taken"
PAGES = "tests/test_pages.py::"
README = "tests/test_readme.py::"
CASSETTES = "tests/test_cassettes_page.py::"
DATASETS = "tests/evals/test_datasets_pages.py::test_the_examples_run"
EXPECTING = "tests/expecting/test_page.py::"
GATE = "tests/evals/test_gate_page.py::"
IN_PYTEST = "tests/in_pytest/test_page.py::"
MATCHING = "tests/claude/test_missing_page.py::"
MCP = "tests/mcp_door/test_page.py::"
MEMORY_EVALS = "tests/evals/in_pytest/test_page.py::"
MUTATION = "tests/evals/test_mutation_page.py::"
REGRESSION = "tests/regression/test_command.py::test_the_example_of_the_page"
SCENARIOS = "tests/scenario/test_our_pages.py::test_the_page_of_a_scenario_ends_with_its_transcript"
SWEEPS = "tests/evals/test_sweep_page.py::"
TELEGRAM = "tests/telegram/test_page.py::"
WALK = "tests/running/test_page.py::test_the_walk_through_works_when_typed"
EXPLAINED = "tests/docs/test_told.py::test_every_explanation_is_true"
ALL = ()


class Claim(NamedTuple):
    """Blocks of a page in a language, by their numbers from 1 (all where there is none), and their test or reason."""

    page: str
    language: str
    numbers: tuple[int, ...]
    by: str


CLAIMS = [
    Claim("README.md", "console", (2,), TYPED),
    Claim("README.md", "console", (3,), "tests/test_readme.py::test_the_run_of_an_agent_is_the_one_that_is_typed"),
    Claim("README.md", "python", (1,), README + "test_the_first_python_block_is_a_test_that_passes"),
    Claim("README.md", "python", (2,), README + "test_other_python_blocks_run"),
    Claim("README.md", "text", (1,), README + "test_the_picture_is_what_replay_prints"),
    Claim("README.md", "text", (2,), README + "test_the_funnel_is_what_eval_prints"),
    Claim("docs/cassettes.md", "console", (1,), CASSETTES + "test_the_commands_print_what_is_shown"),
    Claim("docs/cassettes.md", "json", (1,), CASSETTES + "test_the_commands_print_what_is_shown"),
    Claim("docs/cassettes.md", "python", ALL, CASSETTES + "test_every_python_block_runs"),
    Claim("docs/change-prompt.md", "console", ALL, TYPED),
    Claim("docs/ci.md", "yaml", ALL, WORKFLOW),
    Claim("docs/datasets.md", "console", ALL, TYPED),
    Claim("docs/datasets.md", "python", (1,), DATASETS),
    Claim("docs/datasets.md", "text", (1,), "tests/docs/test_told.py::test_a_broken_data_set_is_told_as_shown"),
    Claim("docs/drift.md", "console", ALL, TYPED),
    Claim("docs/drift.md", "python", (1,), "tests/drift/test_page.py::test_the_example_of_the_page"),
    Claim("docs/drift.md", "text", (1,), "tests/drift/test_page.py::test_the_example_of_the_page"),
    Claim("docs/drift.md", "toml", (1,), "tests/drift/test_page.py::test_the_example_of_the_page"),
    Claim("docs/evals-in-pytest.md", "console", (1, 2), MEMORY_EVALS + "test_its_first_eval_says_what_is_shown"),
    Claim("docs/evals-in-pytest.md", "console", (3,), MEMORY_EVALS + "test_its_contract_evals_run"),
    Claim("docs/evals-in-pytest.md", "python", (1,), MEMORY_EVALS + "test_its_first_eval_says_what_is_shown"),
    Claim("docs/evals-in-pytest.md", "python", (2,), MEMORY_EVALS + "test_its_marker_has_all_that_is_allowed"),
    Claim("docs/evals-in-pytest.md", "python", (3,), MEMORY_EVALS + "test_its_samples_run"),
    Claim("docs/evals.md", "console", ALL, TYPED),
    Claim("docs/evals.md", "python", (1,), "tests/evals/test_evals_page.py::test_its_python_runs"),
    Claim("docs/evals.md", "text", (1,), "tests/docs/test_told.py::test_the_funnel_is_that_of_the_evals_it_names"),
    Claim("docs/evals.md", "toml", (1,), "tests/evals/test_evals_page.py::test_its_case_passes"),
    Claim("docs/expectations.md", "python", ALL, EXPECTING + "test_every_python_block_holds"),
    Claim("docs/expectations.md", "text", (1, 2), EXPECTING + "test_the_failures_are_what_is_shown"),
    Claim("docs/expectations.md", "toml", (1, 2, 3, 4, 5), EXPECTING + "test_every_table_holds_in_the_scenario"),
    Claim("docs/expectations.md", "toml", (6,), EXPECTING + "test_the_tables_of_messages_hold"),
    Claim("docs/explanation/determinism.md", "python", ALL, EXPLAINED),
    Claim("docs/explanation/dialects.md", "python", ALL, EXPLAINED),
    Claim("docs/explanation/limits.md", "python", ALL, EXPLAINED),
    Claim("docs/explanation/live-memory.md", "python", ALL, EXPLAINED),
    Claim("docs/faults.md", "console", (1,), TYPED),
    Claim("docs/faults.md", "console", (2,), PAGES + "test_every_curl_prints_what_is_shown"),
    Claim("docs/faults.md", "python", ALL, PAGES + "test_every_python_block_runs"),
    Claim("docs/gate.md", "console", ALL, TYPED),
    Claim("docs/gate.md", "json", (1,), GATE + "test_its_baseline_is_one"),
    Claim("docs/gate.md", "python", (1,), GATE + "test_its_python_comes_to_the_same"),
    Claim("docs/gate.md", "text", (1,), GATE + "test_what_it_shows_is_printed"),
    Claim("docs/gate.md", "toml", (1,), GATE + "test_its_eval_can_be_run"),
    Claim("docs/lost-memory.md", "console", ALL, TYPED),
    Claim("docs/matching.md", "python", ALL, MATCHING + "test_every_example_prints_what_stands_below_it"),
    Claim("docs/matching.md", "text", ALL, MATCHING + "test_every_example_prints_what_stands_below_it"),
    Claim("docs/matching.md", "toml", (1,), MATCHING + "test_a_scenario_takes_what_is_shown"),
    Claim("docs/mcp.md", "console", (3,), MCP + "test_a_configuration_starts_a_server_that_remembers"),
    Claim("docs/mcp.md", "json", (1,), MCP + "test_every_command_shown_can_be_given"),
    Claim("docs/mcp.md", "json", (2,), MCP + "test_a_configuration_starts_a_server_that_remembers"),
    Claim("docs/mcp.md", "python", (1, 2), MCP + "test_every_program_runs"),
    Claim("docs/mcp.md", "text", (1,), MCP + "test_every_program_runs"),
    Claim("docs/mcp.md", "text", (2, 3), MCP + "test_every_error_is_in_the_words_shown"),
    Claim("docs/metrics.md", "python", (1,), DATASETS),
    Claim("docs/mutation.md", "console", ALL, TYPED),
    Claim("docs/mutation.md", "python", (1,), MUTATION + "test_its_python_runs"),
    Claim("docs/mutation.md", "text", (1,), MUTATION + "test_what_it_shows_is_printed"),
    Claim("docs/network.md", "python", ALL, PAGES + "test_every_python_block_runs"),
    Claim("docs/network.md", "text", (1,), PAGES + "test_a_refusal_of_the_network_is_in_the_words_shown"),
    Claim("docs/plugin.md", "ini", (1,), IN_PYTEST + "test_the_settings_shown_are_settings"),
    Claim("docs/plugin.md", "python", ALL, IN_PYTEST + "test_every_python_block_passes"),
    Claim("docs/plugin.md", "text", (1,), IN_PYTEST + "test_a_misused_marker_is_told_as_shown"),
    Claim("docs/plugin.md", "text", (2,), IN_PYTEST + "test_an_assertion_that_fails_is_told_as_shown"),
    Claim("docs/plugin.md", "text", (3,), IN_PYTEST + "test_every_python_block_passes"),
    Claim("docs/real-traffic.md", "console", ALL, TYPED),
    Claim("docs/recording.md", "console", ALL, TYPED),
    Claim("docs/recording.md", "python", (1,), "tests/recording/test_page.py::test_the_example_runs"),
    Claim("docs/regression.md", "diff", (1,), REGRESSION),
    Claim("docs/regression.md", "text", (1,), REGRESSION),
    Claim("docs/regression.md", "yaml", ALL, WORKFLOW),
    Claim("docs/report.md", "console", ALL, TYPED),
    Claim("docs/report.md", "python", ALL, "tests/report/test_page.py::test_its_python_runs"),
    Claim("docs/review.md", "console", ALL, TYPED),
    Claim("docs/scenarios/multi_agent.md", "text", (1,), SCENARIOS),
    Claim("docs/scenarios/single_agent.md", "text", (1,), SCENARIOS),
    Claim("docs/scenarios/single_agent_documented.md", "text", (1,), SCENARIOS),
    Claim("docs/scenarios/telegram_support.md", "text", (1,), SCENARIOS),
    Claim("docs/seeds.md", "console", (1,), TYPED),
    Claim("docs/seeds.md", "console", (2,), PAGES + "test_every_curl_prints_what_is_shown"),
    Claim("docs/seeds.md", "console", (3,), PAGES + "test_a_broken_seed_is_refused_in_the_words_shown"),
    Claim("docs/seeds.md", "json", (1,), PAGES + "test_every_json_block_is_a_seed"),
    Claim("docs/seeds.md", "python", ALL, PAGES + "test_every_python_block_runs"),
    Claim("docs/sweeps.md", "console", (1,), TYPED),
    Claim("docs/sweeps.md", "python", (1,), SWEEPS + "test_its_python_runs"),
    Claim("docs/sweeps.md", "text", (1,), SWEEPS + "test_its_sweep_runs"),
    Claim("docs/sweeps.md", "toml", (1,), SWEEPS + "test_its_sweep_runs"),
    Claim("docs/sweeps.md", "toml", (2,), SWEEPS + "test_its_variants_are_read"),
    Claim("docs/telegram.md", "python", (1,), TELEGRAM + "test_the_example_runs"),
    Claim("docs/telegram.md", "text", (1, 2, 3), TELEGRAM + "test_the_errors_are_those_shown"),
    Claim("docs/telegram.md", "toml", (1,), TELEGRAM + "test_the_example_runs"),
    Claim("docs/tutorial.md", "console", ALL, TYPED),
    Claim("docs/verify.md", "console", ALL, TYPED),
    Claim("docs/xdist.md", "console", ALL, TYPED),
    Claim("docs/your-agent.md", "console", ALL, WALK),
    Claim("docs/your-agent.md", "json", (1, 2), WALK),
    Claim("docs/your-agent.md", "python", (1, 2), WALK),
]

# What no test can type, and why.
UNTRIED = [
    Claim(
        "CONTRIBUTING.md",
        "console",
        (1,),
        "It is this suite and CI; tests/test_contributing.py looks up each target.",
    ),
    Claim("README.md", "console", (1,), "It is this suite itself, and `make replay`; .ci/run types both."),
    Claim("docs/mcp.md", "console", (1,), "It asks an index; `make package` installs the extra from the wheel."),
    Claim(
        "docs/mcp.md",
        "console",
        (2,),
        "It needs Claude Code; tests/mcp_door/test_page.py types what it starts.",
    ),
    Claim(
        "docs/sweeps.md",
        "console",
        (2,),
        "It needs several machines; test_sweep_clusters.py does it on one.",
    ),
]
