"""Imported by each interpreter that has this folder on its PYTHONPATH, before anything else runs."""

import frame_recorder

frame_recorder.install()
