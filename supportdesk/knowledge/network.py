"""MiniLM's six layers as a processor computes them fastest, made of the weights of the model's file.

The file keeps eight-bit weights, but has them unpacked and multiplied as floating-point numbers. Here the numbers that
go into a multiplication are made eight-bit integers, too, each time by their own range, and steps that can be one are.
A passage of 160 tokens takes 15 ms in place of 40, a question 1.1 in place of 5, and a vector's cosine with that of the
file's own graph is 0.99 on average (docs/performance.md; docs/evaluation.md has what that does to answers: nothing).
"""

import platform
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import NodeProto

    Array = NDArray[Any]

INPUT: Final = "input_ids"
LAYERS: Final = 6
WIDTH: Final = 384
_HEADS: Final = 12
_EPSILON: Final = 1e-12
_IR_VERSION: Final = 8
_OPERATORS: Final = 17
_OWN_OPERATORS: Final = frozenset({"BiasGelu", "DynamicQuantizeMatMul", "MultiHeadAttention"})
"""Those of onnxruntime itself (its docs/ContribOperators.md); all others are ONNX's."""
_ZERO_OF_UNSIGNED: Final = 128


def layer(number: int) -> str:
    """The name of what this layer puts out, 1 to 6: an output of shape (1, tokens, 384)."""
    return f"layer_{number}"


def network(file: bytes, *, signed: bool | None = None) -> bytes:
    """The model as bytes for onnxruntime: `input_ids` (1, tokens) in, the outputs of all layers out.

    Whether weights are signed makes no difference to the result, only to the time; by itself it is chosen for this
    processor. Takes 0.2 s.
    """
    from onnx import TensorProto, helper

    parts = _Parts(file, signed=_takes_signed() if signed is None else signed)
    states = parts.embeddings()
    for number in range(LAYERS):
        states = parts.layer(number, states)
    graph = helper.make_graph(
        parts.nodes,
        "minilm",
        [helper.make_tensor_value_info(INPUT, TensorProto.INT64, [1, "tokens"])],
        [
            helper.make_tensor_value_info(layer(number + 1), TensorProto.FLOAT, [1, "tokens", WIDTH])
            for number in range(LAYERS)
        ],
        parts.tensors(),
    )
    sets = [helper.make_opsetid("", _OPERATORS), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=sets, ir_version=_IR_VERSION)
    return cast("bytes", model.SerializeToString())


def _takes_signed() -> bool:
    """Whether products of unsigned and signed bytes are summed exactly: x86 without VNNI clips the sum of two."""
    if platform.machine().lower() not in {"x86_64", "amd64"}:
        return True
    try:
        return "vnni" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False


class _Parts:
    """The network's nodes and numbers while it is put together."""

    def __init__(self, file: bytes, *, signed: bool) -> None:
        import onnx
        from onnx import numpy_helper

        graph = onnx.load_from_string(file).graph
        self._signed = signed
        self._file: dict[str, Array] = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
        # The file names the weights of its multiplications by numbers; they stand in the order of the layers, each with
        # query, key, value, output of the attention, inner and outer.
        self._weights = [one.input[1] for one in graph.node if f"{one.input[-1]}_q" in self._file]
        self._own: dict[str, Array] = {}
        self.nodes: list[NodeProto] = []

    def tensors(self) -> "list[Any]":
        """All numbers that the nodes name."""
        import numpy as np
        from onnx import numpy_helper

        return [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in self._own.items()]

    def embeddings(self) -> str:
        """The states before the first layer: word and place, normed. All tokens are of type 0."""
        import numpy as np

        prefix = "inner.embeddings"
        words, places = f"{prefix}.word_embeddings.weight", f"{prefix}.position_embeddings.weight"
        table = self._file[f"{places}_q"].astype(np.float32) * self._file[f"{places}_scale"]
        self._own["places"] = table + self._file[f"{prefix}.token_type_embeddings.weight"][0]
        # Looked up as bytes: 12 MB in memory, where the unpacked table takes 47.
        self._node("Gather", [self._kept(f"{words}_q"), INPUT], "word_bytes")
        self._node("Cast", ["word_bytes"], "word_numbers", to=1)
        self._node("Gather", [self._kept(f"{words}_scale"), INPUT], "word_scales")
        self._node("Mul", ["word_numbers", "word_scales"], "words")
        for number in range(3):
            self._own[f"at_{number}"] = np.array([number], np.int64)
        self._node("Shape", [INPUT], "shape")
        self._node("Slice", ["shape", "at_1", "at_2"], "length")
        self._node("Slice", ["places", "at_0", "length", "at_0"], "places_taken")
        return self._norm("words", "places_taken", f"{prefix}.LayerNorm", "layer_0")

    def layer(self, number: int, states: str) -> str:
        """What one layer makes of the states."""
        prefix, name = f"inner.encoder.layer.{number}", layer(number + 1)
        *attention, output, inner, outer = self._weights[number * LAYERS : (number + 1) * LAYERS]
        three = [f"{name}_query", f"{name}_key", f"{name}_value"]
        biases = [f"{prefix}.attention.self.{one}.bias" for one in ("query", "key", "value")]
        together = self._product(states, attention, biases, f"{name}_three")
        self._node("Split", [together], three, axis=-1)
        seen = self._node("MultiHeadAttention", three, f"{name}_seen", num_heads=_HEADS)
        seen = self._product(seen, [output], [f"{prefix}.attention.output.dense.bias"], f"{name}_attention")
        states = self._norm(states, seen, f"{prefix}.attention.output.LayerNorm", f"{name}_attended")
        wide = self._product(states, [inner], [], f"{name}_inner")
        wide = self._node("BiasGelu", [wide, self._kept(f"{prefix}.intermediate.dense.bias")], f"{name}_wide")
        thought = self._product(wide, [outer], [f"{prefix}.output.dense.bias"], f"{name}_outer")
        return self._norm(states, thought, f"{prefix}.output.LayerNorm", name)

    def _product(self, states: str, weights: Sequence[str], biases: Sequence[str], name: str) -> str:
        """States times these weights, which stand side by side, and the biases added."""
        import numpy as np

        whole = np.concatenate([self._file[f"{one}_q"] for one in weights], axis=1)
        self._own[f"{name}_weights"] = whole if self._signed else _unsigned(whole)
        self._own[f"{name}_scales"] = np.concatenate([self._file[f"{one}_scale"].reshape(-1) for one in weights])
        zero = "" if self._signed else "zero_of_unsigned"
        if zero:
            self._own[zero] = np.array(_ZERO_OF_UNSIGNED, np.uint8)
        bias = f"{name}_bias" if biases else ""
        if bias:
            self._own[bias] = np.concatenate([self._file[one] for one in biases])
        return self._node("DynamicQuantizeMatMul", [states, f"{name}_weights", f"{name}_scales", zero, bias], name)

    def _norm(self, states: str, more: str, prefix: str, name: str) -> str:
        """The sum of both, normed."""
        total = self._node("Add", [states, more], f"{name}_sum")
        given = [total, self._kept(f"{prefix}.weight"), self._kept(f"{prefix}.bias")]
        return self._node("LayerNormalization", given, name, epsilon=_EPSILON, axis=-1)

    def _kept(self, name: str) -> str:
        """Numbers of the file as they are."""
        self._own[name] = self._file[name]
        return name

    def _node(self, operator: str, inputs: Sequence[str], outputs: str | Sequence[str], **attributes: float) -> str:
        """One more step; the name of its first output."""
        from onnx import helper

        names = [outputs] if isinstance(outputs, str) else list(outputs)
        domain = "com.microsoft" if operator in _OWN_OPERATORS else ""
        node = helper.make_node(operator, list(inputs), names, domain=domain)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self.nodes.append(node)
        return names[0]


def _unsigned(weights: "Array") -> "NDArray[np.uint8]":
    """The same weights with 128 for zero."""
    import numpy as np

    return (weights.astype(np.int16) + _ZERO_OF_UNSIGNED).astype(np.uint8)
