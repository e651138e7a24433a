"""What the cluster's programs are built from: pinned modules, with the lines that only main modules have."""

import pytest
from deploy.cluster.binaries import ALL, OWNERS, go_mod_for, own_replaces, program, staging_replaces

THEIRS = """\
module example.com/theirs

go 1.24.0

require k8s.io/api v0.0.0

replace (
	example.com/a => example.com/b v1.2.3 // why
	k8s.io/api => ./staging/src/k8s.io/api
)

replace example.com/c => example.com/d v0.1.0

exclude (
	example.com/e v1.0.0
)
"""


def test_staging_modules_get_versions_of_their_own():
    names = ("k8s.io/api", "k8s.io/apimachinery")
    lines = "\n".join(f"\t{name} => ./staging/src/{name}" for name in names)
    assert staging_replaces(lines, "1.34.4") == [
        "replace k8s.io/api => k8s.io/api v0.34.4",
        "replace k8s.io/apimachinery => k8s.io/apimachinery v0.34.4",
    ]


def test_replace_and_exclude_lines_are_repeated_without_comments():
    assert own_replaces(THEIRS) == [
        "replace example.com/a => example.com/b v1.2.3",
        "replace k8s.io/api => ./staging/src/k8s.io/api",
        "replace example.com/c => example.com/d v0.1.0",
        "exclude example.com/e v1.0.0",
    ]


def test_our_module_asks_for_the_pinned_version_and_the_go_of_theirs():
    text = go_mod_for(ALL["kubernetes"], THEIRS)
    assert "go 1.24.0" in text and f"require k8s.io/kubernetes v{ALL['kubernetes'].version}" in text
    assert "replace k8s.io/api => k8s.io/api v0." in text


@pytest.mark.parametrize("name", sorted(OWNERS))
def test_every_name_belongs_to_one_folder_that_carries_its_version(name):
    programs = ALL[OWNERS[name]]
    assert programs.folder.name == f"bin-{programs.name}-{programs.version}"
    if name in programs.packages:
        assert program(name) == programs.folder / name
