"""A folder of weights says what they were taught, and the grammar offers exactly that."""

import json
from pathlib import Path

import pytest
from tests.support.tiny_engine import save_tiny
from tests.support.vocabularies import RICH

from duplexsla.engine.model_folder import (
    CODEC_FILE,
    CONFIG_FILE,
    MODEL_FILE,
    VOCABULARY_FILE,
    identity_of,
    read_model_folder,
    write_config,
)
from duplexsla.errors import CheckpointError
from duplexsla.protocol import tokens
from duplexsla.protocol.call_grammar import CallGrammar
from duplexsla.runtime.checkout import MODEL
from duplexsla.tools import VERSIONS


def test_the_weights_that_ship_know_what_they_were_taught() -> None:
    shipped = read_model_folder(MODEL)
    assert shipped.family == "nano"
    assert {name: each.version for name, each in shipped.toolsets.items()} == {"car": 1, "home": 1}


def test_identity_changes_with_weights_vocabulary_and_codec_and_with_nothing_else(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path)
    first = identity_of(folder)
    (folder / "notes.txt").write_text("x")
    write_config(folder, {"home": VERSIONS["home", 2]})
    assert identity_of(folder) == first
    for name in (MODEL_FILE, VOCABULARY_FILE, CODEC_FILE):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert identity_of(folder) != first, name
        (folder / name).write_bytes(content)
    assert identity_of(folder) == first


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (None, "write {"),
        ("{", "write {"),
        ("[]", "write {"),
        ('{"family": "nano"}', "'toolsets'"),
        ('{"family": "large", "toolsets": {}}', "no family 'large'"),
        ('{"family": "nano", "toolsets": {"home": 9}}', "no toolset 'home' in version 9"),
        ('{"family": "nano", "toolsets": {"boat": 1}}', "no toolset 'boat'"),
    ],
)
def test_a_config_that_cannot_be_used_says_what_to_write(
    tmp_path: Path, config: str | None, told: str
) -> None:
    folder = save_tiny(tmp_path)
    (folder / CONFIG_FILE).unlink()
    if config is not None:
        (folder / CONFIG_FILE).write_text(config)
    with pytest.raises(CheckpointError) as refused:
        read_model_folder(folder)
    assert told in str(refused.value) and CONFIG_FILE in str(refused.value)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path)
    write_config(folder, {"home": VERSIONS["home", 2], "car": VERSIONS["car", 1]})
    assert json.loads((folder / CONFIG_FILE).read_text())["toolsets"] == {"home": 2, "car": 1}
    assert read_model_folder(folder).toolsets["home"] is VERSIONS["home", 2]


def test_the_grammar_offers_the_functions_of_the_taught_version_alone() -> None:
    """Where names begin: the first pieces that may follow the opening of a call."""
    for version in (1, 2):
        grammar = CallGrammar(RICH, VERSIONS["home", version])
        opened = grammar.advance(grammar.start(), RICH.id(tokens.CALL_OPEN))
        allowed = {RICH.pieces([id])[0] for id, may in enumerate(grammar.allowed(opened)) if may}
        assert ("open_home_device" in allowed) and (
            any("undo".startswith(piece) for piece in allowed) == (version == 2)
        )
