"""What the student is taught: both teachers' last project maps, centred, scaled, joined and reduced to 320 channels.

A target belongs to a (picture, crop) pair and never changes, so each is computed once, when first asked for, and kept
in a memory-mapped file: later epochs cost no teacher at all.
"""
import os

import numpy as np
import torch

from losses import dots
from network import WIDTH, MobileNetV2, from_folded
from onnxfile import read_convs

MEAN = torch.tensor([.485, .456, .406]).view(1, 3, 1, 1)
STD = torch.tensor([.229, .224, .225]).view(1, 3, 1, 1)
TEACHERS = [('mobilenet_v2_fp32.onnx', True, lambda x: x / 127.5 - 1),
            ('mobilenet_v2_onnxzoo_fp32_body.onnx', False, lambda x: (x / 255 - MEAN.to(x.device)) / STD.to(x.device))]


def load_teacher(path, tf_padding):
    """MobileNetV2 from the first 51 convolutions of an ONNX file."""
    convs = read_convs(path)
    names = list(MobileNetV2().convs())
    if len(convs) < len(names):
        raise ValueError(f'{path}: {len(convs)} convolutions, a MobileNetV2 has {len(names)} up to its last project')
    arrays = {f'{n}/{part}': c[i] for n, c in zip(names, convs) for i, part in enumerate('wb')}
    net = from_folded(arrays, tf_padding=tf_padding).eval()
    for p in net.parameters():
        p.requires_grad = False
    return net


class Teachers:
    """Both teachers and the reduction to 320 channels. maps(): uint8 crops -> targets."""

    def __init__(self, folder, device, dtype=torch.bfloat16):
        self.device, self.dtype = device, dtype
        self.nets = [(load_teacher(os.path.join(folder, f), tf).to(device, dtype, memory_format=torch.channels_last), prepare)
                     for f, tf, prepare in TEACHERS]
        self.offset = self.scale = self.basis = None

    @torch.no_grad()
    def raw(self, crops):
        """N,H,W,3 uint8 -> N,h,w,640 float32, both teachers side by side."""
        x = torch.from_numpy(crops).to(self.device).permute(0, 3, 1, 2).float()
        maps = [net(prepare(x).contiguous(memory_format=torch.channels_last).to(self.dtype)) for net, prepare in self.nets]
        return torch.cat(maps, 1).float().permute(0, 2, 3, 1)

    def fit(self, batches):
        """Finds offset, scale and principal axes from pooled features of batches of crops."""
        pooled = torch.cat([self.raw(b).mean((1, 2)) for b in batches]).cpu()
        halves = pooled.split(WIDTH, 1)
        self.offset = pooled.mean(0)
        self.scale = torch.cat([((h - h.mean(0)).pow(2).sum(1).mean().sqrt()).reciprocal().repeat(WIDTH) for h in halves])
        x = (pooled - self.offset) * self.scale
        values, axes = torch.linalg.eigh(x.T.double() @ x.double())
        self.basis = axes.flip(1)[:, :WIDTH].float().contiguous()
        kept = float(values.flip(0)[:WIDTH].sum() / values.sum())
        self.bank = x @ self.basis  # pooled targets: neighbours for the relational loss
        return kept

    def maps(self, crops):
        """N,H,W,3 uint8 -> N,h,w,320 float32."""
        z = (self.raw(crops) - self.offset.to(self.device)) * self.scale.to(self.device)
        return dots(z.reshape(-1, z.shape[3]), self.basis.T.to(self.device)).reshape(*z.shape[:3], -1)

    def state(self):
        return {k: getattr(self, k) for k in ('offset', 'scale', 'basis', 'bank')}

    def load_state(self, state):
        for k, v in state.items():
            setattr(self, k, v)


class TargetCache:
    """Target maps of `rows` crops, float16 on disk: rows x side x side x 320, and a byte per row that says it is there."""

    def __init__(self, folder, rows, side):
        os.makedirs(folder, exist_ok=True)
        self.maps = self._open(os.path.join(folder, 'targets.f16'), np.float16, (rows, side, side, WIDTH))
        self.there = self._open(os.path.join(folder, 'targets.have'), np.uint8, (rows,))

    @staticmethod
    def _open(path, dtype, shape):
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        if os.path.exists(path) and os.path.getsize(path) != size:
            raise ValueError(f'{path}: made for other pictures, crops or teacher size; delete it or choose another --out')
        return np.memmap(path, dtype, mode='r+' if os.path.exists(path) else 'w+', shape=shape)

    def get(self, rows, compute):
        """float16 array len(rows) x side x side x 320. compute(positions) makes the targets of those not there yet."""
        missing = np.flatnonzero(self.there[rows] == 0)
        if len(missing):
            self.maps[rows[missing]] = compute(missing)
            self.there[rows[missing]] = 1
        return self.maps[rows]
