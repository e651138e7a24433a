"""The folder that stands in for weights: a vocabulary, scripts, and model.py in place of the shipped one."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.scripted_decoder.script import Line, save_scripts
from tests.support.vocabularies import TEXTS

from duplexsla.engine.model_folder import VOCABULARY_FILE, write_config
from duplexsla.protocol.channel_lines import LINES
from duplexsla.protocol.tokens import Vocabulary, build_vocabulary
from duplexsla.runtime.checkout import MODEL
from duplexsla.tools import VERSIONS, Toolset

HERE = Path(__file__).parent
TOOLSETS = {"car": VERSIONS["car", 1], "home": VERSIONS["home", 1]}


def vocabulary_of(scripts: Mapping[str, Sequence[Line]], toolsets: Mapping[str, Toolset]) -> Vocabulary:
    texts = [*TEXTS, *(line.head for line in LINES.values())]
    texts += [text for lines in scripts.values() for line in lines for text in (line.write, line.say)]
    functions = [name for toolset in toolsets.values() for name in toolset.function_names]
    arguments = [name for toolset in toolsets.values() for name in toolset.argument_names]
    return build_vocabulary(texts, 1_500, functions, arguments)


def scripted_weights(
    folder: Path, scripts: Mapping[str, Sequence[Line]], *, toolsets: Mapping[str, Toolset] = TOOLSETS
) -> Path:
    """For `triton.start(weights=)`. A session follows the script that its first chunk names."""
    folder.mkdir(parents=True, exist_ok=True)
    save_scripts(folder, scripts)
    vocabulary_of(scripts, toolsets).save(folder / VOCABULARY_FILE)
    write_config(folder, toolsets)
    (folder / "model.py").symlink_to(HERE / "model.py")
    (folder / "shipped_model.py").symlink_to(MODEL / "model.py")
    return folder
