"""The products of a quantized network, written out again."""

from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, numpy_helper
from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info

from duplexsla_lab.data.voices.kokoro_network import without_integers

STEP = 0.02  # of the weights
RNG = np.random.default_rng(0)


def _chain(product: str, source: str, weight: str, *, bias: bool) -> list[Any]:
    """A quantized product as it is published: from `source` to `{weight}_out`."""
    quantized = [f"{weight}_q", f"{weight}_scale", f"{weight}_zero"]
    nodes = [
        make_node("DynamicQuantizeLinear", [source], quantized),
        make_node(product, [quantized[0], weight, quantized[2], "middle"], [f"{weight}_sum"]),
        make_node("Mul", [quantized[1], "step"], [f"{weight}_scales"]),
    ]
    summed = f"{weight}_sum"
    if bias:
        nodes += [
            make_node("Div", ["bias", f"{weight}_scales"], ["divided"]),
            make_node("Floor", ["divided"], ["floored"]),
            make_node("Cast", ["floored"], ["whole"], to=TensorProto.INT32),
            make_node("Reshape", ["whole", "column"], ["biases"]),
            make_node("Add", [summed, "biases"], [f"{weight}_biased"]),
        ]
        summed = f"{weight}_biased"
    return [
        *nodes,
        make_node("Cast", [summed], [f"{weight}_float"], to=TensorProto.FLOAT),
        make_node("Mul", [f"{weight}_float", f"{weight}_scales"], [f"{weight}_out"]),
    ]


def _quantized_network() -> bytes:
    """[1, 3, 8] through a convolution with a bias, "conv_out" [1, 4, 8], and a matrix, "matrix_out"."""
    constants = {
        "conv": RNG.integers(0, 256, (4, 3, 1)).astype(np.uint8),
        "matrix": RNG.integers(0, 256, (8, 5)).astype(np.uint8),
        "middle": np.array(120, np.uint8),
        "step": np.array(STEP, np.float32),
        "bias": RNG.normal(size=4).astype(np.float32),
        "column": np.array([1, 4, 1]),
    }
    nodes = [
        *_chain("ConvInteger", "x", "conv", bias=True),
        *_chain("MatMulInteger", "conv_out", "matrix", bias=False),
    ]
    graph = make_graph(
        nodes,
        "two products",
        [make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8])],
        [make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("conv_out", "matrix_out")],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model: bytes = make_model(graph, opset_imports=[make_opsetid("", 17)], ir_version=8).SerializeToString()
    return model


def test_a_network_without_integers_gives_the_same_but_for_the_rounding() -> None:
    quantized = _quantized_network()
    plain = without_integers(quantized)
    assert {"Conv", "MatMul"} <= {node.op_type for node in onnx.load_from_string(plain).graph.node}
    x = RNG.normal(size=(1, 3, 8)).astype(np.float32)
    before, after = (onnxruntime.InferenceSession(each).run(None, {"x": x}) for each in (quantized, plain))
    for mine, theirs in zip(after, before, strict=True):
        assert np.abs(mine - theirs).max() < 0.02 * np.abs(theirs).max()
