"""A test is found from its source's name."""

from pathlib import Path

from tests.support.source_tree import FOLDERS, ROOT, Module, modules

TESTS = ROOT / "tests"
# Where the tests of a wing's sources lie; below it the folders are those of the sources.
MIRRORS = {
    "duplexsla": TESTS,
    "duplexsla_lab": TESTS / "lab",
    "duplexsla_loadtest": TESTS / "loadtest",
    "model_repository": TESTS / "model_repository",
}
# Who tests what is deployed and has no test of its name: a module, or all such modules of a package.
# Elsewhere it is the folder of tests that mirrors the folder of the source.
TESTED_BY = {
    "duplexsla.cli": "integration/test_system.py",
    "duplexsla.client": "client/test_recordings.py",
    "duplexsla.clock": "session/test_audio_input.py",
    "duplexsla.engine": "engine/test_engine.py",
    "duplexsla.engine.backends": "engine/test_fused_backbone.py",
    "duplexsla.engine.checkpoint": "engine/test_shipped_weights.py",
    "duplexsla.engine.kv_ring": "engine/test_fused_backbone.py",
    "duplexsla.engine.native": "engine/native/test_structs.py",
    "duplexsla.enum_names": "protos/test_compatibility.py",
    "duplexsla.errors": "protocol/test_decoder_errors.py",
    "duplexsla.executor": "executor/test_simulation.py",
    "duplexsla.executor.backends": "executor/backends/test_simulated.py",
    "duplexsla.executor.backends.mqtt": "conformance/test_mqtt_home.py",
    "duplexsla.executor.backends.mqtt.device_messages": "executor/backends/mqtt/test_discovery.py",
    "duplexsla.executor.backends.kept_hub": "executor/backends/home_assistant/test_home_assistant.py",
    "duplexsla.executor.backends.home_assistant": "executor/backends/home_assistant/test_home_assistant.py",
    "duplexsla.executor.broker": "integration/test_executor_contracts.py",
    "duplexsla.executor.assembly": "executor/test_decision.py",
    "duplexsla.executor.calls": "executor/test_dispatch.py",
    "duplexsla.executor.home_plans": "executor/test_decision.py",
    "duplexsla.executor.ledger": "executor/ledger/test_ledger.py",
    "duplexsla.executor.ledger.notes": "integration/test_executor_contracts.py",
    "duplexsla.executor.recent_actions": "executor/test_undo.py",
    "duplexsla.executor.ledger.redis": "integration/test_executor_contracts.py",
    "duplexsla.executor.planning": "executor/planning/test_planning.py",
    "duplexsla.executor.metrics_page": "telemetry/test_metrics.py",
    "duplexsla.gateway": "gateway/test_gateway.py",
    "duplexsla.gateway.actions": "integration/test_gateway_kafka.py",
    "duplexsla.gateway.call": "gateway/call/test_run.py",
    "duplexsla.gateway.call.standby": "gateway/call/test_run.py",
    "duplexsla.gateway.decoders": "gateway/call/test_registry.py",
    "duplexsla.gateway.edges": "gateway/edges/grpc/test_converse.py",
    "duplexsla.gateway.edges.realtime": "gateway/edges/realtime/test_server.py",
    "duplexsla.gateway.metrics_page": "telemetry/test_metrics.py",
    "duplexsla.history": "history/test_invariants.py",
    "duplexsla.home": "home/test_simulated_home.py",
    "duplexsla.kubernetes.deletion_cost": "kubernetes/deletion_cost/test_reconciler.py",
    "duplexsla.local": "local/test_stack.py",
    "duplexsla.model": "model/test_checkpoint.py",
    "duplexsla.protocol": "protocol/test_serialization.py",
    "duplexsla.protocol.topics": "integration/test_topics.py",
    "duplexsla.report": "loadtest/test_report_files.py",
    "duplexsla.runtime": "runtime/test_settings.py",
    "duplexsla.runtime.control": "runtime/test_control.py",
    "duplexsla.session": "session/test_dialogue.py",
    "duplexsla.session.store": "session/store/test_leases.py",
    "duplexsla.session.store.redis": "integration/test_session_store.py",
    "duplexsla.telemetry": "telemetry/test_tracing.py",
    "duplexsla.tools": "tools/test_toolsets.py",
    "model_repository": "integration/test_triton_decoder.py",
}
DEPLOYED = ("duplexsla", "model_repository")
STARTED = "runtime/test_startup.py"  # every service's __main__


def test_every_source_has_its_tests() -> None:
    lost = [
        name for name, module in modules().items() if _counts(module) and not where_tested(module).exists()
    ]
    assert not lost, "write a test file of this name, or say in TESTED_BY who tests it"


def test_the_table_names_sources_and_tests_that_there_are() -> None:
    assert not [name for name in TESTED_BY if name not in modules() and name not in FOLDERS]
    assert not [path for path in TESTED_BY.values() if not (TESTS / path).is_file()]


def where_tested(module: Module) -> Path:
    """The file of tests in which to look for a module, or the folder."""
    top = module.name.partition(".")[0]
    folder = module.path.relative_to(FOLDERS[top]).parent
    own = MIRRORS[top] / folder / f"test_{module.path.stem}.py"
    if own.is_file():
        return own
    if module.path.stem == "__main__" and top == "duplexsla":
        return TESTS / STARTED
    if top not in DEPLOYED:
        return own.parent
    name = module.name
    while name and name not in TESTED_BY:
        name = name.rpartition(".")[0]
    return TESTS / TESTED_BY.get(name, f"no test of {module.name}")


def _counts(module: Module) -> bool:
    return module.name.partition(".")[0] in MIRRORS and module.path.name != "__init__.py"
