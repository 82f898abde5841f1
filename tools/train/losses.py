"""How far the student's map is from the target."""
import torch
import torch.nn.functional as F


def dots(a, b):
    """a @ b.T as a 1x1 convolution: Debian's torch has a slow matrix product and a fast convolution."""
    return F.conv2d(a[:, :, None, None], b[:, :, None, None])[:, :, 0, 0]


def distillation(student, target, bank, spread, temperature=.07):
    """(loss, {name: value}) of student maps N,h,w,320 against target maps N,H,W,320.

    bank: M,320 pooled targets of other pictures. spread: (variance of maps, mean square of pooled values).
    """
    zt, zs = target.mean((1, 2)), student.mean((1, 2))
    small = F.adaptive_avg_pool2d(target.permute(0, 3, 1, 2), student.shape[1:3]).permute(0, 2, 3, 1)
    ns, nt, nb = F.normalize(zs, dim=1), F.normalize(zt, dim=1), F.normalize(bank, dim=1)
    cosine = 1 - (ns * nt).sum(1).mean()
    maps = (student - small).pow(2).mean() / spread[0]
    pooled = (zs - zt).pow(2).mean() / spread[1]
    pairs = (dots(ns, ns) - dots(nt, nt)).pow(2).mean() * len(ns) / 4
    # the order of neighbours: the student should rank a bank of pictures as the target does
    want = torch.log_softmax(dots(nt, nb) / temperature, 1)
    got = torch.log_softmax(dots(ns, nb) / temperature, 1)
    order = (want.exp() * (want - got)).sum(1).mean()
    loss = cosine + .3 * maps + .2 * pooled + 4.8 * pairs + .2 * order
    return loss, dict(cos=1 - cosine, maps=maps, pooled=pooled, pairs=pairs, order=order)
