"""Batches as a pure function of the step, prepared a few ahead by a thread: nothing to save, resume is exact."""
import queue
import random
import threading

import numpy as np

from pictures import cut, fixed_box


class Batches:
    """pictures: [PIL]; numbers: their file numbers; crops: fixed crops of each, one an epoch in turn."""

    def __init__(self, pictures, numbers, batch, crops, smallest, seed, wobble=.05):
        self.pictures, self.numbers, self.batch = pictures, numbers, batch
        self.crops, self.smallest, self.seed, self.wobble = crops, smallest, seed, wobble
        self.orders = {}

    def _order(self, epoch):
        if epoch not in self.orders:
            order = np.arange(len(self.pictures))
            random.Random(f'{self.seed}/epoch/{epoch}').shuffle(order)
            self.orders = {e: o for e, o in self.orders.items() if abs(e - epoch) < 2}
            self.orders[epoch] = order
        return self.orders[epoch]

    def places(self, step):
        """[(picture, crop)] of a step."""
        n = len(self.pictures)
        out = []
        for at in range(step * self.batch, (step + 1) * self.batch):
            epoch, i = divmod(at, n)
            out.append((int(self._order(epoch)[i]), epoch % self.crops))
        return out

    def box(self, picture, crop):
        return fixed_box(self.pictures[picture], self.numbers[picture], crop, self.seed, self.smallest)

    def teacher_view(self, places, side):
        """N,side,side,3 uint8: the crops exactly as their targets are defined."""
        return np.stack([cut(self.pictures[p], self.box(p, c), side) for p, c in places])

    def student_view(self, step, places, side):
        """(pixels N,side,side,3 uint8; flips N bool; gain N,3; shift N,3 float32): each crop slightly moved, some flipped."""
        rng = random.Random(f'{self.seed}/step/{step}')
        pixels, flips, gains, shifts = [], [], [], []
        for p, c in places:
            pixels.append(cut(self.pictures[p], self._moved(self.box(p, c), self.pictures[p].size, rng), side))
            flips.append(rng.random() < .5)
            contrast = 1 + rng.uniform(-.2, .2)
            gains.append([contrast * (1 + rng.uniform(-.06, .06)) for _ in range(3)])
            shifts.append([rng.uniform(-.2, .2)] * 3)
        pixels = np.stack([x[:, ::-1] if f else x for x, f in zip(pixels, flips)])
        return pixels, np.array(flips), np.array(gains, np.float32), np.array(shifts, np.float32)

    def _moved(self, box, size, rng):
        dx, dy = (box[2] - box[0]) * self.wobble, (box[3] - box[1]) * self.wobble
        x0, y0, x1, y1 = (v + rng.uniform(-d, d) for v, d in zip(box, (dx, dy, dx, dy)))
        return max(0, x0), max(0, y0), min(size[0], x1), min(size[1], y1)

    def ahead(self, first, side_of, depth=4):
        """Yields (step, places, student view) from step `first` on; side_of(step) gives the picture size."""
        q = queue.Queue(depth)

        def fill():
            step = first
            while True:
                places = self.places(step)
                q.put((step, places, self.student_view(step, places, side_of(step))))
                step += 1
        threading.Thread(target=fill, daemon=True).start()
        while True:
            yield q.get()
