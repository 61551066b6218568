"""A random ONNX model in the shape of the speech tokenizer."""

from __future__ import annotations

CODES = 4096


def write_graph(path, width, layers, heads):
    """A graph of the shape of speech_tokenizer_v1: mel (1, 128, T) at 100 Hz to ids at 25 Hz.

    Two convolutions of stride 2, pre-norm transformer layers, the best of 4096 codes. The mean over
    time is taken off before that: random layers would give nearly the same id everywhere.
    """
    import onnx

    graph = _Graph(width, heads)
    x = graph.convolve(graph.convolve("feats", 128), width)
    x = graph.node("Transpose", x, perm=[0, 2, 1])
    for _ in range(layers):
        x = graph.layer(x)
    x = graph.node("Sub", x, graph.node("ReduceMean", x, axes=[1]))
    scores = graph.node("MatMul", graph.norm(x), graph.weight(width, CODES))
    onnx.save(graph.model(graph.node("ArgMax", scores, axis=-1, keepdims=0)), path)


class _Graph:
    """Nodes and random weights of an ONNX graph, as onnx.helper makes them."""

    def __init__(self, width, heads):
        import numpy as np
        from onnx import helper, numpy_helper

        self.np, self.helper, self.from_array = np, helper, numpy_helper.from_array
        self.random, self.width, self.heads = np.random.default_rng(0), width, heads
        self.nodes, self.constants = [], []

    def constant(self, values, kind="float32"):
        name = "c%d" % len(self.constants)
        self.constants.append(self.from_array(self.np.array(values, dtype=kind), name))
        return self.constants[-1].name

    def weight(self, *shape):
        """Normal values that keep the scale: of a matrix (in, out) or a kernel (out, in, size)."""
        inputs = shape[0] if len(shape) < 3 else shape[1] * shape[2]  # noqa: PLR2004
        return self.constant(self.random.standard_normal(shape) * inputs**-0.5)

    def node(self, operation, *inputs, **attributes):
        output = "n%d" % len(self.nodes)
        self.nodes.append(self.helper.make_node(operation, inputs, [output], **attributes))
        return output

    def gelu(self, x):
        erf = self.node("Erf", self.node("Mul", x, self.constant(0.5**0.5)))
        half = self.node("Mul", x, self.constant(0.5))
        return self.node("Mul", half, self.node("Add", erf, self.constant(1.0)))

    def convolve(self, x, channels):
        weight, bias = self.weight(self.width, channels, 3), self.weight(self.width)
        shape = {"kernel_shape": [3], "strides": [2], "pads": [1, 1]}
        return self.gelu(self.node("Conv", x, weight, bias, **shape))

    def linear(self, x, rows, columns):
        product = self.node("MatMul", x, self.weight(rows, columns))
        return self.node("Add", product, self.weight(columns))

    def norm(self, x):
        scale, bias = self.constant([1.0] * self.width), self.constant([0.0] * self.width)
        return self.node("LayerNormalization", x, scale, bias, axis=-1)

    def split_heads(self, x, order):
        shape = self.constant([0, 0, self.heads, self.width // self.heads], "int64")
        x = self.node("Reshape", self.linear(x, self.width, self.width), shape)
        return self.node("Transpose", x, perm=order)

    def attend(self, x):
        query, value = self.split_heads(x, [0, 2, 1, 3]), self.split_heads(x, [0, 2, 1, 3])
        scores = self.node("MatMul", query, self.split_heads(x, [0, 2, 3, 1]))
        scale = self.constant((self.width // self.heads) ** -0.5)
        shares = self.node("Softmax", self.node("Mul", scores, scale), axis=-1)
        mixed = self.node("Transpose", self.node("MatMul", shares, value), perm=[0, 2, 1, 3])
        return self.node("Reshape", mixed, self.constant([0, 0, self.width], "int64"))

    def layer(self, x):
        width = self.width
        x = self.node("Add", x, self.linear(self.attend(self.norm(x)), width, width))
        hidden = self.gelu(self.linear(self.norm(x), width, 4 * width))
        return self.node("Add", x, self.linear(hidden, 4 * width, width))

    def model(self, ids):
        """The model; the length is an input of the published graph: read here, and adding 0."""
        from onnx import TensorProto

        info = self.helper.make_tensor_value_info
        nothing = self.node("Sub", "feats_length", "feats_length")
        nothing = self.node("Cast", nothing, to=TensorProto.INT64)
        self.nodes.append(self.helper.make_node("Add", [ids, nothing], ["indices"]))
        inputs = [
            info("feats", TensorProto.FLOAT, [1, 128, "t"]),
            info("feats_length", TensorProto.INT32, [1]),
        ]
        outputs = [info("indices", TensorProto.INT64, [1, "s"])]
        graph = self.helper.make_graph(self.nodes, "ids", inputs, outputs, self.constants)
        opset = [self.helper.make_opsetid("", 17)]  # the first with LayerNormalization
        return self.helper.make_model(graph, opset_imports=opset, ir_version=8)
