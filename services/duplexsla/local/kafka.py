"""A real Kafka broker on this machine: Apache Kafka 4.1.0 in KRaft mode, one process, from Maven's artifacts.

    kafka = start(Path("build/kafka"), topics={"duplexsla.actions.v1": 8})
    ...   # kafka.address is "127.0.0.1:<port>"
    kafka.stop()

The first `install` fetches 43 MB in about 10 s and then starts the broker once, to archive its
loaded classes: later starts take 1.5 s in place of 3.5 s.
"""

import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from duplexsla.errors import BrokerLost, MissingDependency, StartFailed
from duplexsla.executor.broker.topics import make_topics
from duplexsla.local.health import listens
from duplexsla.local.process import Process, await_ready, free_port, launch
from duplexsla.runtime.checkout import CACHE

VERSION = "4.1.0"
HOME = CACHE / f"kafka-{VERSION}"
POM = Path(__file__).with_name("kafka-pom.xml")

CLUSTER_ID = "duplexslaAAAAAAAAAAAAA"  # a 128-bit id in base64, as StorageTool wants it
PACKAGES = {"java": "openjdk-17-jre-headless", "mvn": "maven"}  # Debian's
JVM = ("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.apache.logging.log4j.level=INFO")
START_S = 60.0
TAIL_LINES = 25


class BrokerNode(NamedTuple):
    """One broker of several, all of which are also controllers: its number from 0, all their ports."""

    number: int
    ports: tuple[int, ...]
    controller_ports: tuple[int, ...]


def install(*, home: Path = HOME, say: Callable[[str], None] = print) -> Path:
    """The directory with the broker's jars, fetched once.

    Raises MissingDependency when Java or Maven is not there or cannot fetch.
    """
    _require("java")
    if not (home / "libs").is_dir():
        say(f"kafka {VERSION}: fetching the jars (43 MB) into {home}")
        _fetch(home)
    if not (home / "classes.jsa").exists():
        say("kafka: starting it once, so that later starts are quick")
        _archive_classes(home)
    return home


def start(
    workdir: Path,
    *,
    port: int = 0,
    topics: Mapping[str, int] | None = None,
    node: BrokerNode | None = None,
    properties: Sequence[str] = (),
    home: Path = HOME,
    say: Callable[[str], None] = print,
) -> Process:
    """A broker that answers, with the topics (name: partitions) made; port 0 is a free one.

    `properties` follow those of ours, "name=value", and win. As a `node` of several it has that one's port,
    and makes its topics only once the others run.

    What it holds lies in workdir and is found again by a later start there. Raises MissingDependency as
    install does, StartFailed with the log's tail when it does not come up.
    """
    install(home=home, say=say)
    archive = home / "classes.jsa"
    sharing = (f"-XX:SharedArchiveFile={archive}",) if archive.exists() else ()
    nodes = node or BrokerNode(0, (port or free_port(),), (free_port(),))
    return _start(home, workdir, nodes, dict(topics or {}), sharing, properties)


def _require(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise MissingDependency(f"Kafka needs {program}: apt-get install {PACKAGES[program]}")
    return path


def _fetch(home: Path) -> None:
    part = home / "libs.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={part}"]
    done = subprocess.run(
        [_require("mvn"), "-q", "-B", "-f", str(POM), *copy], capture_output=True, text=True
    )
    if done.returncode:
        raise MissingDependency(f"Maven cannot fetch Kafka {VERSION}:\n{_tail(done.stdout + done.stderr)}")
    part.rename(home / "libs")  # only whole sets of jars count


def _archive_classes(home: Path) -> None:
    """Writes classes.jsa; without it (an older JVM, a read-only disk) starts are slower, nothing else."""
    workdir = home / "first-start"
    shutil.rmtree(workdir, ignore_errors=True)
    _start(
        home,
        workdir,
        BrokerNode(0, (free_port(),), (free_port(),)),
        {},
        (f"-XX:ArchiveClassesAtExit={home / 'classes.jsa'}",),
    ).stop()
    shutil.rmtree(workdir, ignore_errors=True)


def _start(
    home: Path,
    workdir: Path,
    node: BrokerNode,
    topics: dict[str, int],
    flags: tuple[str, ...],
    properties: Sequence[str] = (),
) -> Process:
    workdir.mkdir(parents=True, exist_ok=True)
    settings = workdir / "server.properties"
    settings.write_text("\n".join([_properties(workdir / "data", node), *properties]))
    java = [_require("java"), *JVM, *flags, "-cp", f"{home / 'libs'}/*"]
    if not (workdir / "data" / "meta.properties").exists():
        _format(java, settings)
    command = [*java, "kafka.Kafka", str(settings)]
    address = f"127.0.0.1:{node.ports[node.number]}"
    broker = launch("kafka", command, log=workdir / "kafka.log", address=address)
    await_ready(broker, lambda: listens(broker.address), timeout_s=START_S)
    if len(node.ports) == 1 or topics:
        _await_answer(broker, topics)
    return broker


def _format(java: list[str], settings: Path) -> None:
    tool = [*java, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(settings)]
    done = subprocess.run(tool, capture_output=True, text=True)
    if done.returncode:
        raise StartFailed(f"Kafka's storage cannot be formatted:\n{_tail(done.stdout + done.stderr)}")


def _await_answer(broker: Process, topics: Mapping[str, int]) -> None:
    try:
        make_topics(broker.address, topics=topics, copies=1)
    except BrokerLost as error:
        broker.stop()
        raise StartFailed(
            f"kafka does not answer ({error}); end of {broker.log}:\n{broker.tail()}"
        ) from error


def _properties(data: Path, node: BrokerNode) -> str:
    """A broker that is a controller too. Copies on every broker, of which all but one must have a record."""
    copies = len(node.ports)
    voters = ",".join(f"{n + 1}@127.0.0.1:{port}" for n, port in enumerate(node.controller_ports))
    port, controller_port = node.ports[node.number], node.controller_ports[node.number]
    return "\n".join([
        "process.roles=broker,controller",
        f"node.id={node.number + 1}",
        f"controller.quorum.voters={voters}",
        f"listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "controller.listener.names=CONTROLLER",
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        f"log.dirs={data}",
        "auto.create.topics.enable=false",
        f"offsets.topic.replication.factor={copies}",
        f"min.insync.replicas={max(1, copies - 1)}",
        "offsets.topic.num.partitions=1",
        "group.initial.rebalance.delay.ms=0",
        "log.cleaner.dedupe.buffer.size=8388608",  # bytes; the default of 128 MB is a third of the heap
        "num.network.threads=2",
        "num.io.threads=4",
    ])  # fmt: skip


def _tail(text: str) -> str:
    return "\n".join(text.splitlines()[-TAIL_LINES:])
