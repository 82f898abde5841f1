"""A linear map for the embedding, learned from labels of training pictures and folded into the last convolution.

    python3 metric.py --data DIR averaged.npz mapped.npz

The directions in which pictures of one label differ are damped: M = (Sw + ridge * mean(Sw) * I)^-power, where Sw is the
covariance within labels. Power and ridge are chosen by leaving one source out at a time: never by the validation set.
"""
import argparse
import os
import re
from collections import defaultdict

import numpy as np
import torch

from evaluate import embed
from metrics import retrieval
from network import from_folded
from pictures import centre, decode, read_index, read_shards, read_validation

LAYER = 'expanded_conv_16/project'
FOLDER_SOURCES = {'animals_pop', 'sports', 'grocery', 'dtd', 'monkeys', 'intel', 'trashnet', 'pacs_art', 'plants', 'imagenette',
                  'miniimagenet'}
GRID = [(power, ridge) for power in (.1, .2, .3, .4, .5) for ridge in (.1, .3, 1.)]


def labelled(index, most=40, fewest=5):
    """[(file number, source, label)] of training pictures whose path carries a label, at most `most` of each."""
    held, groups = read_validation(), defaultdict(list)
    for n, source, path in sorted(index):
        if n in held:
            continue
        if source in FOLDER_SOURCES:
            label = os.path.basename(os.path.dirname(path))
        elif source in ('vegfruit', 'houses', 'catsdogs'):
            label = re.sub(r'[\d_.\-]+|jpe?g|png', '', os.path.basename(path).lower())
        else:
            continue
        if label and len(groups[source, label]) < most:
            groups[source, label].append(n)
    return [(n, *key) for key, numbers in groups.items() if len(numbers) >= fewest for n in numbers]


def unit(x):
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)


def within(x, y):
    """Covariance within labels, each label weighing the same."""
    groups = [x[y == label] for label in np.unique(y)]
    return sum(np.cov(g.T, bias=True) * len(g) / (len(g) - 1) for g in groups) / len(groups)


def damping(cov, power, ridge):
    values, axes = np.linalg.eigh(cov)
    values = np.maximum(values, 0) + ridge * values.mean()
    return (axes * (values / values.mean()) ** -power) @ axes.T


def choose(x, y, source, say=print):
    """(power, ridge) with the best mean mAP over sources, each judged by a map fitted on all the others."""
    sources = np.unique(source)
    score = defaultdict(list)
    for left in sources:
        out = source == left
        if len(np.unique(y[out])) < 4:
            continue
        cov, z = within(x[~out], y[~out]), x[out]
        score[0, 0].append(retrieval(z, y[out])['map'])
        for power, ridge in GRID:
            score[power, ridge].append(retrieval(z @ damping(cov, power, ridge), y[out])['map'])
    for k, v in sorted(score.items()):
        say(f'power {k[0]} ridge {k[1]}: mAP {np.mean(v):.4f}', ' '.join(f'{m:.3f}' for m in v))
    return max(score, key=lambda k: np.mean(score[k]))


def main():
    ap = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    ap.add_argument('--data', required=True)
    ap.add_argument('--size', type=int, default=160)
    ap.add_argument('weights')
    ap.add_argument('output')
    a = ap.parse_args()
    torch.set_num_threads(int(os.environ.get('OMP_NUM_THREADS', os.cpu_count())))
    jpegs, rows = read_shards(a.data), labelled(read_index(a.data))
    with np.load(a.weights) as z:
        arrays = {k: z[k] for k in z.files}
    pixels = np.stack([centre(p, a.size) for p in decode([jpegs[n] for n, _, _ in rows])])
    raw = embed(from_folded(arrays), pixels)
    mean = raw.mean(0)
    source = np.array([s for _, s, _ in rows])
    y = np.array([f'{s}/{label}' for _, s, label in rows])
    x = unit(raw - mean)
    power, ridge = choose(x, y, source)
    print('chosen', power, ridge)
    m = (damping(within(x, y), power, ridge) if power else np.eye(x.shape[1])).astype(np.float32)
    w, b = arrays[LAYER + '/w'], arrays[LAYER + '/b']
    arrays[LAYER + '/w'] = np.einsum('ij,jkhw->ikhw', m, w)
    arrays[LAYER + '/b'] = m @ (b - mean)
    np.savez(a.output, **arrays)
    np.savez(a.output + '.vectors', x=raw, y=y, source=source)


if __name__ == '__main__':
    main()
