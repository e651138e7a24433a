"""The tree as README draws it, and files that can be read in one sitting."""

import subprocess

from tests.support.source_tree import ROOT, written_by_hand

FOLDERS = {
    *("services", "protos", "helm", "model_repository", "loadtest", "lab", "tests", "deploy", "benchmarks"),
    *("docs", "examples", "scripts"),
}
MOST_LINES = 400


def test_the_top_level_is_the_one_of_the_design() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    tops = {path.partition("/")[0] for path in tracked.stdout.splitlines() if "/" in path}
    assert {top for top in tops if not top.startswith(".")} == FOLDERS


def test_no_file_written_by_hand_is_too_long_to_read() -> None:
    lengths = {
        path: len(path.read_text().splitlines()) for path in written_by_hand(".py", ".c", ".h", ".sh", ".tpl")
    }
    assert not {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > MOST_LINES}
