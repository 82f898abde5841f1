"""Retrieval figures of folded weights (.npz) on the validation pictures.

    python3 evaluate.py --data DIR --sizes 128,160,192,224 WEIGHTS.npz...
"""
import argparse
import os

import numpy as np
import torch

from metrics import retrieval
from network import from_folded
from pictures import centre, decode, read_shards, read_validation


def validation_pictures(jpegs, labels, side, limit=None):
    """(pixels N,side,side,3 uint8, labels) of the validation list, prepared as the engine does."""
    numbers = sorted(labels)[:limit]
    pixels = np.stack([centre(p, side) for p in decode([jpegs[n] for n in numbers])])
    return pixels, [labels[n] for n in numbers]


@torch.no_grad()
def embed(net, pixels, batch=32):
    """Average-pooled maps, N,320 float32."""
    net = net.eval().to(memory_format=torch.channels_last)
    out = []
    for i in range(0, len(pixels), batch):
        x = torch.from_numpy(pixels[i:i + batch]).permute(0, 3, 1, 2).float() / 127.5 - 1
        out.append(net(x.contiguous(memory_format=torch.channels_last)).mean((2, 3)).numpy())
    return np.concatenate(out)


def main():
    ap = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    ap.add_argument('--data', required=True)
    ap.add_argument('--sizes', default='160')
    ap.add_argument('weights', nargs='+')
    a = ap.parse_args()
    torch.set_num_threads(int(os.environ.get('OMP_NUM_THREADS', os.cpu_count())))
    jpegs, labels = read_shards(a.data), read_validation()
    for side in map(int, a.sizes.split(',')):
        pixels, y = validation_pictures(jpegs, labels, side)
        for path in a.weights:
            r = retrieval(embed(from_folded(np.load(path)), pixels), y)
            print(f"{path}\t{side}\tP@1 {r['p1']:.4f}\tP@5 {r['p5']:.4f}\tmAP {r['map']:.4f}", flush=True)


if __name__ == '__main__':
    main()
