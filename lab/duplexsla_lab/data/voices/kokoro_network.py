"""Kokoro's network on one thread: its 8-bit file in onnxruntime, or in bfloat16 in OpenVINO.

Where the processor multiplies matrices of bfloat16 (AMX, AVX-512), OpenVINO takes half the time, after the
8-bit weights are written out: what was quantized for each call becomes a plain product again. Both packages
come with the extra "human-like"; without them onnxruntime runs the file as it is.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from duplexsla_lab.data.voices.speech import MissingSynthesizer

Network = Callable[[Mapping[str, NDArray[Any]]], Sequence[NDArray[np.float32]]]
INTEGER = {"ConvInteger": "Conv", "MatMulInteger": "MatMul"}
BFLOAT16 = "BF16"


def network(model: bytes, outputs: Sequence[str]) -> Network:
    """From named inputs to those outputs. Raises MissingSynthesizer without onnxruntime."""
    if find_spec("openvino") and find_spec("onnx"):
        openvino: Any = import_module("openvino")
        core = openvino.Core()
        if BFLOAT16 in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            return _in_openvino(openvino, core, without_integers(model), outputs)
    try:
        onnxruntime: Any = import_module("onnxruntime")
    except ImportError as error:
        raise MissingSynthesizer("Kokoro wants onnxruntime: pip install 'duplexsla[train]'") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options)
    return lambda inputs: session.run(list(outputs), inputs)


def _in_openvino(openvino: Any, core: Any, model: bytes, outputs: Sequence[str]) -> Network:
    options = {
        "INFERENCE_NUM_THREADS": 1,
        "NUM_STREAMS": 1,
        "INFERENCE_PRECISION_HINT": "bf16",
        "ENABLE_CPU_PINNING": False,  # else the workers share one core
    }
    compiled = core.compile_model(core.read_model(model), "CPU", options)

    def run(inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        found = compiled(dict(inputs))
        return [np.array(found[compiled.output(name)]) for name in outputs]

    return run


def without_integers(model: bytes) -> bytes:
    """An ONNX file in which the products of quantized inputs and 8-bit weights are products of floats.

    A product is the chain DynamicQuantizeLinear, ConvInteger or MatMulInteger, the sum with a quantized bias
    if it has one, Cast, Mul with the product of both scales; it becomes one node with the last one's output.
    What made the scales and the quantized inputs is left without a reader, and is not run.
    """
    onnx: Any = import_module("onnx")
    file = onnx.load_from_string(model)
    graph = file.graph
    constants = {each.name: each for each in graph.initializer}
    maker = {name: node for node in graph.node for name in node.output}
    readers = defaultdict(list)
    for node in graph.node:
        for name in node.input:
            readers[name].append(node)
    replaced: dict[str, Any] = {}  # by the output of the last node of a chain
    for node in graph.node:
        if node.op_type in INTEGER:
            last, plain, weight = _plain(onnx, node, constants, maker, readers)
            replaced[last] = plain
            graph.initializer.append(weight)
    nodes = [replaced.get(node.output[0], node) for node in graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return bytes(file.SerializeToString())


def _plain(
    onnx: Any,
    node: Any,
    constants: Mapping[str, Any],
    maker: Mapping[str, Any],
    readers: Mapping[str, Sequence[Any]],
) -> tuple[str, Any, Any]:
    """Of one product: the name of its chain's output, the plain node, and its weights."""
    quantized, weight, _, zero = node.input
    after, bias = readers[node.output[0]][0], []
    if after.op_type == "Add":
        bias = [_float_source(next(x for x in after.input if x != node.output[0]), constants, maker)]
        after = readers[after.output[0]][0]
    scaled = readers[after.output[0]][0]  # behind the cast
    scales = maker[next(name for name in scaled.input if name != after.output[0])]
    scale = next(constants[name] for name in scales.input if name in constants)
    value = onnx.numpy_helper.to_array
    middle = value(constants[zero]).astype(np.float32)
    floats = (value(constants[weight]).astype(np.float32) - middle) * value(scale)
    name = f"{scaled.output[0]}/weight"
    attributes = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
    inputs = [maker[quantized].input[0], name, *bias]
    plain = onnx.helper.make_node(INTEGER[node.op_type], inputs, list(scaled.output), **attributes)
    return scaled.output[0], plain, onnx.numpy_helper.from_array(floats, name)


def _float_source(name: str, constants: Mapping[str, Any], maker: Mapping[str, Any]) -> str:
    """The constant that a quantized bias is made from."""
    while name not in constants:
        name = maker[name].input[0]
    return name
