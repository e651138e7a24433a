"""Stands in for the decoder's model.py: the same model, with its frames recorded.

Triton's interpreter reads no PYTHONPATH, and the threads that call a model are its own.
"""

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

sys.path.append(os.environ["DUPLEXSLA_FRAMES_HOOK"])
import frame_recorder  # noqa: E402

RECORDER = frame_recorder.install("decoder")
SOURCE = Path(os.environ["DUPLEXSLA_FRAMES_TREE"]) / "model_repository" / "duplexsla" / "1" / "model.py"

_spec = importlib.util.spec_from_file_location("recorded_model", SOURCE)
assert _spec is not None and _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
sys.modules["recorded_model"] = _module
_spec.loader.exec_module(_module)


class TritonPythonModel(_module.TritonPythonModel):  # type: ignore[name-defined,misc]
    def execute(self, requests: Any) -> Any:
        assert RECORDER is not None
        RECORDER.here()
        return super().execute(requests)
