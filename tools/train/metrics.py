"""Retrieval figures: every picture asks for the others of its label."""
import numpy as np


def retrieval(vectors, labels, chunk=512):
    """{'p1', 'p5', 'map'}: precision at 1 and 5 and mean average precision by cosine, the query itself left out.

    vectors: N,D floats. labels: N values. Queries whose label occurs once are left out. Ties go to the earlier picture.
    """
    x = np.asarray(vectors, np.float32)
    x = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
    _, y = np.unique(np.asarray(labels), return_inverse=True)
    p1, p5, ap = [], [], []
    for start in range(0, len(x), chunk):
        sims = x[start:start + chunk] @ x.T
        for row, q in zip(sims, range(start, start + len(sims))):
            relevant = y == y[q]
            if relevant.sum() < 2:
                continue
            row[q] = -np.inf
            hits = relevant[np.argsort(-row, kind='stable')][:-1]
            ranks = np.flatnonzero(hits) + 1
            ap.append(float(np.mean(np.arange(1, len(ranks) + 1) / ranks)))
            p1.append(hits[0])
            p5.append(hits[:5].mean())
    return {'p1': float(np.mean(p1)), 'p5': float(np.mean(p5)), 'map': float(np.mean(ap))}
