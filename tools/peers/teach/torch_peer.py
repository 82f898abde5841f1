"""Fine-tunes the last blocks of a Likeness model file by PyTorch, on the very
values that the frozen layers give, with the folds and the recipe of likeness
teach --from, and prints what it reaches as one line of JSON.

    python3 torch_peer.py MODEL.safetensors LAYER values.npy values.npy.json

values.npy is likeness embed --layer LAYER --pool flatten --normalize=false.
"""
import json
import math
import struct
import sys
import time

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.nn import functional as F

EPOCHS, BATCH, RATE, HEAD_RATE, DECAY, FOLDS = 30, 16, 3e-4, 10, 1e-2, 5


def read_model(path):
    data = open(path, "rb").read()
    n = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + n])
    graph = json.loads(header["__metadata__"]["likeness.graph"])

    def tensor(name):
        one = header[name]
        begin, end = one["data_offsets"]
        kind = {"I8": np.int8, "I32": np.int32, "F32": np.float32}[one["dtype"]]
        return np.frombuffer(data[8 + n + begin:8 + n + end], kind).reshape(one["shape"])

    return graph, tensor


class Part(nn.Module):
    """The operators after a layer, in float32: weights are the file's times their scales."""

    def __init__(self, graph, tensor, layer, classes):
        super().__init__()
        self.tensors, names = graph["tensors"], [t["name"] for t in graph["tensors"]]
        self.start, self.end = names.index(layer), names.index(graph["default_layer"])
        needed, self.nodes = {self.end}, []
        for node in reversed(graph["nodes"]):
            if node["output"] in needed and node["output"] != self.start:
                self.nodes.insert(0, node)
                needed.update(node["inputs"])
        self.weights, self.biases = nn.ParameterDict(), nn.ParameterDict()
        for node in self.nodes:
            if node["op"] != "conv":
                if node["op"] not in ("add", "global_avg_pool"):
                    raise SystemExit(f"the operator {node['op']} is not known here")
                continue
            w, scale, bias = (tensor(f"{node['weights']}.{part}") for part in ("weight", "scale", "bias"))
            key = str(node["output"])
            real = w.astype(np.float32) * scale.reshape(-1, 1, 1, 1)
            self.weights[key] = nn.Parameter(torch.from_numpy(np.ascontiguousarray(real.transpose(0, 3, 1, 2))))
            self.biases[key] = nn.Parameter(torch.from_numpy((bias * (self.tensors[node["inputs"][0]]["scale"] * scale)).astype(np.float32)))
        self.head = nn.Linear(self.tensors[self.end]["shape"][2], classes)

    def clamp(self, x, t):
        low, high, scale = t["lo"], t["hi"], t["scale"]
        if low > -high:
            x = x.clamp(min=low * scale)
        if low == 0 and abs(high * scale - 6) <= 0.51 * scale:
            x = x.clamp(max=6)
        return x

    def vector(self, x):
        values = {self.start: x}
        for node in self.nodes:
            out = node["output"]
            a = values[node["inputs"][0]]
            if node["op"] == "add":
                y = a + values[node["inputs"][1]]
            elif node["op"] == "global_avg_pool":
                values[out] = a.mean(dim=(2, 3), keepdim=True)
                continue
            else:
                top, left, bottom, right = node.get("pads", [0, 0, 0, 0])
                y = F.conv2d(F.pad(a, (left, right, top, bottom)), self.weights[str(out)], self.biases[str(out)], stride=node["stride"], dilation=node["dilation"], groups=node["groups"])
            values[out] = self.clamp(y, self.tensors[out])
        v = values[self.end].mean(dim=(2, 3))
        return v / v.norm(dim=1, keepdim=True)

    def forward(self, x):
        return self.head(self.vector(x))


class Random:
    """SplitMix64, as the engine has it."""

    def __init__(self, seed):
        self.s = seed

    def next(self):
        m = (1 << 64) - 1
        self.s = (self.s + 0x9E3779B97F4A7C15) & m
        z = self.s
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & m
        z = (z ^ z >> 27) * 0x94D049BB133111EB & m
        return z ^ z >> 31

    def shuffle(self, order):
        for i in range(len(order) - 1, 0, -1):
            j = (self.next() >> 32) * (i + 1) >> 32
            order[i], order[j] = order[j], order[i]


def folds_of(classes, k, seed=0):
    chance, fold, begin = Random(seed), np.zeros(len(classes), int), 0
    for c in range(max(classes) + 1):
        members = [i for i, one in enumerate(classes) if one == c]
        chance.shuffle(members)
        for rank, i in enumerate(members):
            fold[i] = (begin + rank) % k
        begin += len(members)
    return fold


def train(graph, tensor, layer, x, y, seed):
    torch.manual_seed(seed)
    net = Part(graph, tensor, layer, int(y.max()) + 1)
    with torch.no_grad():
        start = LogisticRegression(C=10, max_iter=2000).fit(net.vector(x).numpy(), y.numpy())
        net.head.weight.copy_(torch.from_numpy(start.coef_.astype(np.float32)))
        net.head.bias.copy_(torch.from_numpy(start.intercept_.astype(np.float32)))
    body = [*net.weights.values()]
    biases = [*net.biases.values()]
    groups = [{"params": body, "lr": RATE, "weight_decay": DECAY}, {"params": biases, "lr": RATE, "weight_decay": 0},
              {"params": [net.head.weight], "lr": RATE * HEAD_RATE, "weight_decay": DECAY}, {"params": [net.head.bias], "lr": RATE * HEAD_RATE, "weight_decay": 0}]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.999), eps=1e-8)
    steps_of_epoch = math.ceil(len(x) / BATCH)
    total, warm = EPOCHS * steps_of_epoch, steps_of_epoch

    def rate(step):
        if step < warm:
            return (step + 1) / (warm + 1)
        return (1 + math.cos(math.pi * (step - warm) / (total - warm))) / 2

    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, rate)
    for _ in range(EPOCHS):
        order = torch.randperm(len(x))
        for part in torch.tensor_split(order, steps_of_epoch):
            optimiser.zero_grad()
            F.cross_entropy(net(x[part]), y[part]).backward()
            optimiser.step()
            schedule.step()
    return net


def main():
    model, layer, values, side = sys.argv[1:5]
    torch.set_num_threads(1)  # more wait for each other where the machine has other work
    graph, tensor = read_model(model)
    shape = next(t["shape"] for t in graph["tensors"] if t["name"] == layer)
    names = json.load(open(side))["names"]
    labels = [name.split("/")[-2] for name in names]
    known = sorted(set(labels))
    y = torch.tensor([known.index(one) for one in labels])
    x = torch.from_numpy(np.load(values).reshape(len(names), *shape).transpose(0, 3, 1, 2).copy())
    fold = torch.from_numpy(folds_of(y.tolist(), FOLDS))
    alone, tuned, begun = [], [], time.time()
    for k in range(FOLDS):
        learn, test = fold != k, fold == k
        net = Part(graph, tensor, layer, len(known))
        with torch.no_grad():
            v = net.vector(x).numpy()
        head = LogisticRegression(C=10, max_iter=2000).fit(v[learn], y[learn].numpy())
        alone.append(float((head.predict(v[test]) == y[test].numpy()).mean()))
        net = train(graph, tensor, layer, x[learn], y[learn], k)
        with torch.no_grad():
            tuned.append(float((net(x[test]).argmax(1) == y[test]).float().mean()))
    seconds = (time.time() - begun) / FOLDS
    print(json.dumps({"head_alone": round(sum(alone) / FOLDS, 4), "fine_tuned": round(sum(tuned) / FOLDS, 4), "seconds_of_a_fold": round(seconds, 2), "torch": torch.__version__}))


main()
