"""Folded weights (.npz) -> float ONNX for `likeness convert`, and a .json beside it that says how to use them.

    python3 export.py averaged.npz likeness_v1.onnx
"""
import argparse
import json
import os

import numpy as np

import onnxfile
from network import MobileNetV2, STAGES

LAYER = 'expanded_conv_16/project'


def encode(arrays, side=160, metadata=None):
    """The student as ONNX bytes: input 1,3,side,side RGB x/127.5-1; tensors named like layers; batch norm already folded."""
    nodes, tensors = [], {'zero': np.zeros((), np.float32), 'six': np.full((), 6, np.float32)}

    def conv(name, source, stride=1, groups=1, act=True):
        w, b = arrays[name + '/w'], arrays[name + '/b']
        tensors[name + '/weight'], tensors[name + '/bias'] = w, b
        out = name + '/linear' if act else name
        nodes.append(onnxfile.node('Conv', [source, name + '/weight', name + '/bias'], out, kernel_shape=list(w.shape[2:]),
                                   strides=[stride, stride], group=groups, auto_pad='SAME_UPPER'))
        if act:
            nodes.append(onnxfile.node('Clip', [out, 'zero', 'six'], name))
        return name

    at, cin, i = conv('Conv', 'input', 2), 32, 0
    for expansion, cout, repeats, first in STAGES:
        for k in range(repeats):
            prefix, block_in, stride = f'expanded_conv_{i}' if i else 'expanded_conv', at, first if k == 0 else 1
            if expansion > 1:
                at = conv(prefix + '/expand', at)
            at = conv(prefix + '/depthwise', at, stride, cin * expansion)
            at = conv(prefix + '/project', at, act=False)
            if stride == 1 and cin == cout:
                nodes.append(onnxfile.node('Add', [block_in, at], prefix + '/add'))
                at = prefix + '/add'
            cin, i = cout, i + 1
    grid = -(-side // 32)
    return onnxfile.model('likeness_v1', nodes, tensors, [('input', [1, 3, side, side])],
                          [(at, [1, cin, grid, grid])], metadata or {})


def write(path, data):
    """Puts the file there whole or not at all."""
    with open(path + '.new', 'wb') as f:
        f.write(data)
    os.replace(path + '.new', path)


def main():
    ap = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    ap.add_argument('--size', type=int, default=160, help='input side in pixels')
    ap.add_argument('--metrics', default='{}', help='JSON of figures to put into the .json file')
    ap.add_argument('weights')
    ap.add_argument('onnx')
    a = ap.parse_args()
    with np.load(a.weights) as z:
        arrays = {k: z[k] for n in MobileNetV2().convs() for k in (n + '/w', n + '/b')}
    write(a.onnx, encode(arrays, a.size, {'licence': 'Apache-2.0', 'embedding': LAYER}))
    about = dict(embedding=LAYER, pooling='avg', channels=arrays[LAYER + '/w'].shape[0], size=a.size,
                 preparation='RGB, short side to size*8/7, centre crop, x/127.5-1', metrics=json.loads(a.metrics))
    write(os.path.splitext(a.onnx)[0] + '.json', (json.dumps(about, indent=1) + '\n').encode())


if __name__ == '__main__':
    main()
