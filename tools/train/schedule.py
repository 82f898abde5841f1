"""How far training is, from 0 to 1, and what follows from it: learning rate and picture size."""
import math
import time


class Clock:
    """Progress by wall clock (until: Unix time) or by steps. A stopped process loses time, not the end of its schedule."""

    def __init__(self, progress=0., until=None, steps=None):
        self.first, self.began, self.until, self.steps = progress, time.time(), until, steps

    def progress(self, step):
        if self.steps:
            return min(1., step / self.steps)
        share = (time.time() - self.began) / max(1e-6, self.until - self.began)
        return min(1., self.first + (1 - self.first) * share)


def rate(progress, warm=.03, last=.01):
    """Factor of the learning rate: linear warm-up, then cosine from 1 to `last`."""
    if progress < warm:
        return max(1e-3, progress / warm)
    return last + (1 - last) * .5 * (1 + math.cos(math.pi * (progress - warm) / (1 - warm)))


def parse_sizes(text):
    """'0:128,0.7:160' -> [(0.0, 128), (0.7, 160)]."""
    return sorted((float(at), int(side)) for at, side in (item.split(':') for item in text.split(',')))


def size_at(sizes, progress):
    return [side for at, side in sizes if progress >= at][-1]


def parse_until(text, now=None):
    """'04:05' -> the next Unix time at which a local clock shows it."""
    now = time.time() if now is None else now
    hour, minute = map(int, text.split(':'))
    t = time.localtime(now)
    at = time.mktime((t.tm_year, t.tm_mon, t.tm_mday, hour, minute, 0, 0, 0, -1))
    return at if at > now else at + 86400
