"""MobileNetV2 1.0 up to its last project convolution, as the student and both teachers need it.

Pictures are NCHW, RGB. Names of layers are those of the Open Images backbone the student began as:
Conv, expanded_conv/depthwise, expanded_conv/project, expanded_conv_1/expand ... expanded_conv_16/project.
"""
import math

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

# (expansion, output channels, repeats, stride of the first)
STAGES = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
WIDTH = 320  # channels of the embedding
BN_EPS = 1e-5


class ReLU6(torch.autograd.Function):
    """relu6 in place. Its backward keeps only the output and runs vectorised in bfloat16, which torch 1.13's does not."""

    @staticmethod
    def forward(ctx, x):
        y = x.clamp_(0, 6)
        ctx.mark_dirty(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        y, = ctx.saved_tensors
        threshold = torch.ops.aten.threshold_backward
        return threshold(threshold(g, y, 0.), 6 - y, 0.)


def same_padding(n, kernel, stride):
    """TensorFlow's SAME: (before, after) zeros along a side of n pixels; the odd one goes after."""
    total = max((-(-n // stride) - 1) * stride + kernel - n, 0)
    return total // 2, total - total // 2


def fake_int8(w):
    """w rounded to the int8 grid of its output channel, gradient passed straight through.

    The grid scales with the channel, so rounding before the batch norm is folded in or after it gives the same network.
    """
    step = w.detach().flatten(1).abs().amax(1).clamp(min=1e-12).view(-1, 1, 1, 1) / 127
    return w + (torch.round(w.detach() / step) * step - w.detach())


class Conv(nn.Module):
    """Convolution, then batch norm (norm=True) or bias, then ReLU6 (act=True)."""

    def __init__(self, cin, cout, kernel, stride=1, groups=1, act=True, norm=False, tf_padding=True):
        super().__init__()
        self.act, self.tf_padding, self.quantise = act, tf_padding, False
        pad = kernel // 2 if stride == 1 or not tf_padding else 0
        self.conv = nn.Conv2d(cin, cout, kernel, stride, pad, groups=groups, bias=not norm)
        self.norm = nn.BatchNorm2d(cout, eps=BN_EPS, momentum=.02) if norm else None

    def forward(self, x):
        c = self.conv
        if c.stride[0] == 2 and self.tf_padding:
            (top, bottom), (left, right) = (same_padding(n, 3, 2) for n in x.shape[2:])
            x = F.pad(x, (left, right, top, bottom))
        if self.quantise:
            x = F.conv2d(x, fake_int8(c.weight), c.bias, c.stride, c.padding, c.dilation, c.groups)
        else:
            x = c(x)
        if self.norm is not None:
            x = self.norm(x)
        return ReLU6.apply(x) if self.act else x

    def folded(self):
        """(weight OIHW, bias) as float32 arrays with the batch norm folded in."""
        w, b = self.conv.weight.detach(), self.conv.bias
        if self.norm is None:
            return w.numpy().copy(), b.detach().numpy().copy()
        n = self.norm
        s = n.weight.detach() / (n.running_var + n.eps).sqrt()
        return (w * s.view(-1, 1, 1, 1)).numpy().copy(), (n.bias.detach() - n.running_mean * s).numpy().copy()


class Block(nn.Module):
    def __init__(self, cin, cout, expansion, stride, **kw):
        super().__init__()
        mid = cin * expansion
        self.expand = Conv(cin, mid, 1, **kw) if expansion > 1 else None
        self.depthwise = Conv(mid, mid, 3, stride, groups=mid, **kw)
        self.project = Conv(mid, cout, 1, act=False, **kw)
        self.residual = stride == 1 and cin == cout

    def before_project(self, x):
        return self.depthwise(self.expand(x) if self.expand is not None else x)

    def forward(self, x):
        y = self.project(self.before_project(x))
        return x + y if self.residual else y


class MobileNetV2(nn.Module):
    """forward: N,3,H,W -> N,320,ceil(H/32),ceil(W/32)."""

    def __init__(self, norm=False, tf_padding=True):
        super().__init__()
        kw = dict(norm=norm, tf_padding=tf_padding)
        self.stem = Conv(3, 32, 3, 2, **kw)
        blocks, cin = [], 32
        for expansion, cout, repeats, stride in STAGES:
            for k in range(repeats):
                blocks.append(Block(cin, cout, expansion, stride if k == 0 else 1, **kw))
                cin = cout
        self.blocks = nn.ModuleList(blocks)

    def convs(self):
        """{layer name: Conv}, in order of execution."""
        out = {'Conv': self.stem}
        for i, b in enumerate(self.blocks):
            prefix = f'expanded_conv_{i}' if i else 'expanded_conv'
            for part in ('expand', 'depthwise', 'project'):
                if getattr(b, part) is not None:
                    out[f'{prefix}/{part}'] = getattr(b, part)
        return out

    def before_last_project(self, x):
        x = self.stem(x)
        for b in self.blocks[:-1]:
            x = b(x)
        return self.blocks[-1].before_project(x)

    def forward(self, x):
        return self.blocks[-1].project(self.before_last_project(x))

    def set_quantised(self, on):
        """Round weights to int8 in the forward pass (on=True), as the shipped file does."""
        for c in self.convs().values():
            c.quantise = on


def folded_weights(net):
    """{NAME/w: OIHW, NAME/b} float32, batch norm folded: the form of student.npz and of the export."""
    out = {}
    for name, c in net.convs().items():
        out[name + '/w'], out[name + '/b'] = c.folded()
    return out


def from_folded(arrays, **kw):
    """A network without batch norm from folded weights. Raises KeyError or ValueError when a layer is missing or misshapen."""
    net = MobileNetV2(norm=False, **kw)
    for name, c in net.convs().items():
        w, b = arrays[name + '/w'], arrays[name + '/b']
        if tuple(c.conv.weight.shape) != w.shape or c.conv.bias.shape != b.shape:
            raise ValueError(f'{name}: weights are {w.shape}, the network wants {tuple(c.conv.weight.shape)}')
        c.conv.weight.data = torch.from_numpy(np.array(w, dtype=np.float32))
        c.conv.bias.data = torch.from_numpy(np.array(b, dtype=np.float32))
    return net


def with_batch_norm(plain, batches):
    """The same function as `plain`, with batch norm after every convolution so that it trains.

    plain: a network without batch norm. batches: N,3,H,W inputs on which each convolution's mean and variance are
    measured. Weights are rescaled per channel to rms sqrt(2/fan_in), where AdamW's steps suit them.
    """
    moments = {name: [] for name in plain.convs()}
    hooks = [c.conv.register_forward_hook(lambda m, i, o, s=moments[name]: s.append((o.mean((0, 2, 3)), o.var((0, 2, 3)))))
             for name, c in plain.convs().items()]
    with torch.no_grad():
        for x in batches:
            plain(x)
    for h in hooks:
        h.remove()
    net = MobileNetV2(norm=True)
    for (name, src), dst in zip(plain.convs().items(), net.convs().values()):
        w = src.conv.weight.detach()
        rms = w.flatten(1).pow(2).mean(1).sqrt()
        k = math.sqrt(2 / w[0].numel()) / rms.clamp(min=1e-2 * float(rms.mean()))
        mean = torch.stack([m for m, _ in moments[name]]).mean(0)
        var = torch.stack([v for _, v in moments[name]]).mean(0)
        n = dst.norm
        dst.conv.weight.data = (w * k.view(-1, 1, 1, 1)).contiguous()
        n.running_mean.copy_((mean - src.conv.bias.detach()) * k)
        n.running_var.copy_(var * k * k)
        n.weight.data = (n.running_var + n.eps).sqrt() / k
        n.bias.data = mean.clone()
    return net
