"""The little of ONNX that training needs: read the convolutions of a chain, write the student.

ONNX is protocol buffers; field numbers below are those of onnx.proto3. No package needed.
"""
import numpy as np


def _varint(buf, at):
    value = shift = 0
    while True:
        if at >= len(buf) or shift > 63:
            raise ValueError('ONNX file is cut short or damaged: bad varint')
        byte = buf[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def fields(buf):
    """Yields (field number, value) of one message: int for varint and fixed width, memoryview for length-delimited."""
    at = 0
    while at < len(buf):
        key, at = _varint(buf, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(buf, at)
        elif wire == 2:
            n, at = _varint(buf, at)
            value, at = buf[at:at + n], at + n
        elif wire in (1, 5):
            n = 8 if wire == 1 else 4
            value, at = int.from_bytes(buf[at:at + n], 'little'), at + n
        else:
            raise ValueError(f'ONNX file is damaged: wire type {wire}')
        if at > len(buf):
            raise ValueError('ONNX file is cut short')
        yield number, value


def _text(v):
    return bytes(v).decode('utf-8')


def _tensor(buf):
    dims, raw, name, kind, floats = [], None, '', 0, None
    for number, v in fields(buf):
        if number == 1:
            dims += [v] if isinstance(v, int) else _packed(v)
        elif number == 2:
            kind = v
        elif number == 4:
            floats = np.frombuffer(v, '<f4')
        elif number == 8:
            name = _text(v)
        elif number == 9:
            raw = v
    if kind != 1:
        return name, None  # only float32 tensors matter here
    data = np.frombuffer(raw, '<f4') if raw is not None else floats
    if data is None or data.size != int(np.prod(dims)):
        raise ValueError(f'tensor {name}: data does not fill shape {dims}')
    return name, data.reshape(dims).copy()


def _packed(buf):
    out, at = [], 0
    while at < len(buf):
        v, at = _varint(buf, at)
        out.append(v)
    return out


def read_graph(path):
    """(nodes, tensors): nodes as dicts op, name, inputs, outputs in file order; tensors {name: float32 array}."""
    with open(path, 'rb') as f:
        buf = memoryview(f.read())
    graphs = [v for number, v in fields(buf) if number == 7]
    if len(graphs) != 1:
        raise ValueError(f'{path}: not an ONNX model (no graph)')
    nodes, tensors = [], {}
    for number, v in fields(graphs[0]):
        if number == 1:
            node = dict(op='', name='', inputs=[], outputs=[])
            for n, u in fields(v):
                if n == 1:
                    node['inputs'].append(_text(u))
                elif n == 2:
                    node['outputs'].append(_text(u))
                elif n == 3:
                    node['name'] = _text(u)
                elif n == 4:
                    node['op'] = _text(u)
            nodes.append(node)
        elif number == 5:
            name, data = _tensor(v)
            if data is not None:
                tensors[name] = data
    return nodes, tensors


def read_convs(path):
    """[(weight OIHW, bias)] of every Conv node in file order."""
    nodes, tensors = read_graph(path)
    return [(tensors[n['inputs'][1]], tensors[n['inputs'][2]]) for n in nodes if n['op'] == 'Conv']


def _int(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out) + bytes([n])


def field(number, value):
    """One encoded field: int as varint, bytes or str length-delimited."""
    if isinstance(value, int):
        return _int(number << 3) + _int(value)
    if isinstance(value, str):
        value = value.encode()
    return _int(number << 3 | 2) + _int(len(value)) + value


def _attribute(name, value):
    if isinstance(value, int):
        return field(1, name) + field(3, value) + field(20, 2)
    if isinstance(value, str):
        return field(1, name) + field(4, value) + field(20, 3)
    return field(1, name) + b''.join(field(8, v) for v in value) + field(20, 7)


def node(op, inputs, output, **attributes):
    """An encoded NodeProto, named like its output."""
    return (b''.join(field(1, i) for i in inputs) + field(2, output) + field(3, output) + field(4, op)
            + b''.join(field(5, _attribute(k, v)) for k, v in attributes.items()))


def tensor(name, data):
    """An encoded float32 TensorProto."""
    return b''.join(field(1, d) for d in data.shape) + field(2, 1) + field(8, name) + field(9, data.astype('<f4').tobytes())


def value_info(name, shape):
    dims = b''.join(field(1, field(1, d) if isinstance(d, int) else field(2, d)) for d in shape)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, dims)))


def model(name, nodes, tensors, inputs, outputs, metadata):
    """An encoded ModelProto, opset 13. inputs, outputs: [(name, shape)]; metadata: {str: str}."""
    graph = (b''.join(field(1, n) for n in nodes) + field(2, name)
             + b''.join(field(5, tensor(k, v)) for k, v in tensors.items())
             + b''.join(field(11, value_info(*i)) for i in inputs) + b''.join(field(12, value_info(*o)) for o in outputs))
    props = b''.join(field(14, field(1, k) + field(2, v)) for k, v in metadata.items())
    return field(1, 7) + field(2, 'likeness/tools/train') + field(7, graph) + field(8, field(1, '') + field(2, 13)) + props
