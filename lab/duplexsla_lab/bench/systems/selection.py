"""The system under test that the command line names; only its own packages are loaded."""

import argparse
import hashlib
from pathlib import Path

from duplexsla_lab.bench.system_interface import SystemFactory


def selected_system(options: argparse.Namespace) -> tuple[str, SystemFactory]:
    """Its name, as in the results file, and its factory. Raises CheckpointError, MissingDependency."""
    if options.gateway:
        return _gateway(options.gateway, options.home, paced=options.paced)
    if options.realtime:
        return _realtime(options.realtime, options.key_file)
    if options.system == "cascade":
        return _cascade()
    return _engine(options.model, options.lanes, options.threads)


def _gateway(address: str, home: str, *, paced: bool) -> tuple[str, SystemFactory]:
    from duplexsla_lab.bench.systems.gateway import GatewaySystem

    name = f"gateway, {'paced' if paced else 'unpaced'}"
    return name, lambda: GatewaySystem(address, home=home, paced=paced)


def _realtime(url: str, key_file: Path | None) -> tuple[str, SystemFactory]:
    from duplexsla_lab.bench.systems.realtime import RealtimeSystem

    headers = {"Authorization": f"Bearer {key_file.read_text().strip()}"} if key_file else {}
    return url, lambda: RealtimeSystem(url, headers=headers)


def _cascade() -> tuple[str, SystemFactory]:
    from duplexsla_lab.bench.systems.cascade.system import cascade

    return "cascade", cascade()


def _engine(model: Path, lanes: int, threads: int) -> tuple[str, SystemFactory]:
    import torch

    from duplexsla.engine.checkpoint import load_engine
    from duplexsla_lab.bench.systems.case_prefix import CasePrefixes, encoder
    from duplexsla_lab.bench.systems.engine import EngineSystem
    from duplexsla_lab.bench.systems.shared_engine import SharedEngine

    torch.set_num_threads(threads)
    engine = load_engine(model, slots=lanes)
    shared, prefixes = SharedEngine(engine), CasePrefixes(*encoder(model), engine.vocabulary)
    return engine_name(model), lambda: EngineSystem(shared, prefixes)


def engine_name(model: Path) -> str:
    """As in the results files of these weights."""
    return f"engine {fingerprint(model)}"


def fingerprint(model: Path) -> str:
    """Names the weights by what is in them: two models never share a results file."""
    found = hashlib.sha256()
    for path in sorted(model.glob("*.safetensors")):
        found.update(path.read_bytes())
    return found.hexdigest()[:12]
