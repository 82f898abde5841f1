"""Distils two ImageNet MobileNetV2 teachers into the student. See README.md.

    python3 train.py --data DIR --models DIR --out DIR --minutes 95

Stop it whenever you like: started again with the same --out it goes on from the last checkpoint.
"""
import argparse
import json
import os
import time

import numpy as np
import torch
import torch.nn as nn

import schedule
from batches import Batches
from evaluate import embed, validation_pictures
from losses import distillation
from metrics import retrieval
from network import folded_weights, from_folded, with_batch_norm
from pictures import decode, read_shards, read_validation
from targets import TargetCache, Teachers

FIT_PICTURES = 2048   # crops from which the target's axes and the bank are computed
START_BATCHES = 16    # batches for batch norm statistics and the ridge regression of the last project
EMA_EVERY = 2


def parse(argv=None):
    ap = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    ap.add_argument('--data', required=True, help='folder of shard-*.tar, index.tsv.gz')
    ap.add_argument('--models', required=True, help='folder of the teachers\' ONNX files')
    ap.add_argument('--out', required=True, help='folder for checkpoint, target cache (23 KB a crop) and log')
    ap.add_argument('--start', help='weights to start from (default: student.npz in --data)')
    ap.add_argument('--until', help='HH:MM at which the schedule ends')
    ap.add_argument('--minutes', type=float, default=95, help='length of the schedule when --until is not given')
    ap.add_argument('--steps', type=int, help='length of the schedule in steps, instead of time')
    ap.add_argument('--stop-after', type=int, help='stop after so many steps, as if interrupted')
    ap.add_argument('--sizes', default='0:128,.7:160', help='picture side from each point of the schedule on')
    ap.add_argument('--teacher-size', type=int, default=192)
    ap.add_argument('--crops', type=int, default=6, help='fixed crops a picture')
    ap.add_argument('--smallest', type=float, default=.25, help='smallest crop, share of the picture\'s area')
    ap.add_argument('--batch', type=int, default=64)
    ap.add_argument('--rate', type=float, default=1.2e-3)
    ap.add_argument('--decay', type=float, default=.02, help='weight decay of convolution weights')
    ap.add_argument('--ema', type=float, default=.998)
    ap.add_argument('--int8-from', type=float, default=.85, help='point from which weights are rounded to int8 in the forward pass')
    ap.add_argument('--checkpoint-minutes', type=float, default=3)
    ap.add_argument('--eval-minutes', type=float, default=8)
    ap.add_argument('--seed', type=int, default=0)
    ap.add_argument('--limit', type=int, help='use so many pictures only (tests)')
    ap.add_argument('--float32', action='store_true', help='no bfloat16')
    ap.add_argument('--pid-file', help='write the process id here')
    return ap.parse_args(argv)


def ridge(net, batches, target_of, device):
    """Sets the last project so that the network's maps come nearest to the target's, in the least-squares sense."""
    xtx = xty = 0
    for places, x in batches:
        with torch.no_grad():
            f = net.before_last_project(x).permute(0, 2, 3, 1)
        t = nn.functional.adaptive_avg_pool2d(target_of(places).permute(0, 3, 1, 2), f.shape[1:3]).permute(0, 2, 3, 1)
        f = torch.cat([f.reshape(-1, f.shape[3]), torch.ones(f.shape[0] * f.shape[1] * f.shape[2], 1, device=device)], 1).double()
        xtx, xty = xtx + f.T @ f, xty + f.T @ t.reshape(len(f), -1).double()
    eye = torch.eye(len(xtx), dtype=torch.double, device=device)
    w = torch.linalg.solve(xtx + 1e-3 * xtx.diag().mean() * eye, xty).float()
    project = net.blocks[-1].project.conv
    project.weight.data = w[:-1].T.reshape(project.weight.shape).contiguous()
    project.bias.data = w[-1].clone()


class Trainer:
    def __init__(self, a):
        self.a = a
        self.device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
        os.makedirs(a.out, exist_ok=True)
        self.checkpoint = os.path.join(a.out, 'checkpoint.pt')
        self.step, self.seen, self.curve, self.progress = 0, 0, [], 0.
        self.sizes = schedule.parse_sizes(a.sizes)
        self._load_pictures()
        self.teachers = Teachers(a.models, self.device, torch.float32 if a.float32 else torch.bfloat16)
        saved = torch.load(self.checkpoint, map_location='cpu') if os.path.exists(self.checkpoint) else None
        if saved:
            self.teachers.load_state(saved['teachers'])
        else:
            self._fit_target()
        self.cache = TargetCache(a.out, len(self.batches.pictures) * a.crops, -(-a.teacher_size // 32))
        self.bank = self.teachers.bank.to(self.device)
        if saved is None:
            self._start()
            spread = torch.from_numpy(self.targets(self.batches.places(0))).float()
            self.spread = float(spread.var()), float(self.bank.pow(2).mean())
        else:
            self.net = with_batch_norm(from_folded(np.load(self._start_path())), [torch.zeros(2, 3, 64, 64)])
        self.net.to(self.device, memory_format=torch.channels_last)
        self._optimiser()
        if saved:
            self._restore(saved)
        until = schedule.parse_until(a.until) if a.until else time.time() + a.minutes * 60 * (1 - self.progress)
        self.clock = schedule.Clock(self.progress, until, a.steps)

    def say(self, *parts):
        line = time.strftime('%H:%M:%S ') + ' '.join(str(p) for p in parts)
        print(line, flush=True)
        with open(os.path.join(self.a.out, 'log.txt'), 'a', encoding='utf-8') as f:
            f.write(line + '\n')

    def _start_path(self):
        return self.a.start or os.path.join(self.a.data, 'student.npz')

    def _load_pictures(self):
        a, labels = self.a, read_validation()
        jpegs = read_shards(a.data)
        numbers = [n for n in sorted(jpegs) if n not in labels][:a.limit]
        pictures = decode([jpegs[n] for n in numbers])
        self.batches = Batches(pictures, numbers, a.batch, a.crops, a.smallest, a.seed)
        self.validation = validation_pictures(jpegs, labels, 160, a.limit)
        self.say(len(pictures), 'pictures,', len(self.validation[1]), 'for validation')

    def _fit_target(self):
        n = min(FIT_PICTURES, len(self.batches.pictures))
        places = [(i, 0) for i in range(n)]
        size = self.a.teacher_size
        kept = self.teachers.fit(self.batches.teacher_view(places[i:i + 64], size) for i in range(0, n, 64))
        self.say(f'target keeps {kept:.4f} of the variance')

    def targets(self, places):
        """Target maps of [(picture, crop)], float16."""
        rows = np.array([p * self.a.crops + c for p, c in places])

        def compute(missing):
            return self.teachers.maps(self.batches.teacher_view([places[i] for i in missing], self.a.teacher_size)).cpu().numpy()
        return self.cache.get(rows, compute)

    def _start(self):
        plain = from_folded(np.load(self._start_path())).to(self.device, memory_format=torch.channels_last)
        views = []
        for step in range(START_BATCHES):
            places = self.batches.places(step)
            pixels = self.batches.teacher_view(places, self.sizes[0][1])
            views.append((places, self._input(pixels)))
        ridge(plain, views, lambda places: torch.from_numpy(self.targets(places)).float().to(self.device), self.device)
        self.net = with_batch_norm(plain, [x for _, x in views[:4]])

    def _input(self, pixels, gain=None, shift=None):
        x = torch.from_numpy(np.ascontiguousarray(pixels)).to(self.device).permute(0, 3, 1, 2).float() / 127.5 - 1
        if gain is not None:
            gain, shift = (torch.from_numpy(v).to(self.device).view(-1, 3, 1, 1) for v in (gain, shift))
            x = (x * gain + shift).clamp(-1, 1)
        return x.contiguous(memory_format=torch.channels_last)

    def _optimiser(self):
        weights = [p for p in self.net.parameters() if p.ndim == 4]
        rest = [p for p in self.net.parameters() if p.ndim != 4]
        self.params = weights + rest
        self.opt = torch.optim.AdamW([dict(params=weights, weight_decay=self.a.decay), dict(params=rest, weight_decay=0.)],
                                     lr=self.a.rate, betas=(.9, .99), foreach=True)
        self.ema = {k: v.detach().clone() for k, v in self.net.state_dict().items() if v.is_floating_point()}

    def save(self):
        state = dict(net=self.net.state_dict(), ema=self.ema, opt=self.opt.state_dict(), step=self.step, seen=self.seen,
                     curve=self.curve, progress=self.progress, spread=self.spread, teachers=self.teachers.state())
        torch.save(state, self.checkpoint + '.new')
        os.replace(self.checkpoint + '.new', self.checkpoint)

    def _restore(self, saved):
        self.net.load_state_dict(saved['net'])
        self.opt.load_state_dict(saved['opt'])
        self.ema = {k: v.to(self.device) for k, v in saved['ema'].items()}
        self.step, self.seen, self.curve = saved['step'], saved['seen'], saved['curve']
        self.progress, self.spread = saved['progress'], saved['spread']
        self.say('resumed at step', self.step)

    def averaged(self):
        """Folded weights of the averaged network."""
        own = {k: v.clone() for k, v in self.net.state_dict().items()}
        self.net.load_state_dict({**own, **self.ema})
        arrays = folded_weights(self.net.cpu())
        self.net.load_state_dict(own)
        self.net.to(self.device, memory_format=torch.channels_last)
        return arrays

    def evaluate(self):
        arrays = self.averaged()
        pixels, labels = self.validation
        r = {k: round(v, 4) for k, v in retrieval(embed(from_folded(arrays), pixels), labels).items()}
        self.curve.append(dict(step=self.step, seen=self.seen, progress=round(self.progress, 4), **r))
        self.say('EVAL 160', json.dumps(self.curve[-1]))
        np.savez(os.path.join(self.a.out, 'averaged.new.npz'), **arrays)
        os.replace(os.path.join(self.a.out, 'averaged.new.npz'), os.path.join(self.a.out, 'averaged.npz'))

    def one_step(self, places, view):
        pixels, flips, gain, shift = view
        target = torch.from_numpy(self.targets(places)).to(self.device).float()
        flips = torch.from_numpy(flips).to(self.device)
        target = torch.where(flips.view(-1, 1, 1, 1), target.flip(2), target)
        factor = schedule.rate(self.progress)
        for group in self.opt.param_groups:
            group['lr'] = self.a.rate * factor
        self.net.set_quantised(self.progress >= self.a.int8_from)
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=not self.a.float32):
            out = self.net(self._input(pixels, gain, shift))
        loss, parts = distillation(out.float().permute(0, 2, 3, 1), target, self.bank, self.spread)
        self.opt.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.params, 1.)
        if torch.isfinite(norm):
            self.opt.step()
        self.step += 1
        self.seen += len(places)
        if self.step % EMA_EVERY == 0:
            self._average()
        return parts

    @torch.no_grad()
    def _average(self):
        keep = min(self.a.ema, (1 + self.step) / (10 + self.step)) ** EMA_EVERY
        now = self.net.state_dict()
        torch._foreach_mul_(list(self.ema.values()), keep)
        torch._foreach_add_(list(self.ema.values()), [now[k] for k in self.ema], alpha=1 - keep)

    def run(self):
        a = self.a
        self.net.train()
        if not self.curve and not a.limit:
            self.evaluate()

        def side_of(step):
            return schedule.size_at(self.sizes, self.clock.progress(step) if a.steps else self.progress)
        means, logged, saved, evaluated, began = {}, time.time(), time.time(), time.time(), (time.time(), self.seen)
        for step, places, view in self.batches.ahead(self.step, side_of):
            self.progress = self.clock.progress(step)
            if self.progress >= 1 or (a.stop_after and step >= a.stop_after):
                break
            for k, v in self.one_step(places, view).items():
                means[k] = means.get(k, float(v)) * .97 + float(v) * .03
            now = time.time()
            if now - logged > 30:
                speed = (self.seen - began[1]) / (now - began[0])
                self.say(f'step {self.step} seen {self.seen} {speed:.0f}/s progress {self.progress:.3f} side {view[0].shape[1]}',
                         ' '.join(f'{k} {v:.4f}' for k, v in means.items()))
                logged, began = now, (now, self.seen)
            if now - saved > a.checkpoint_minutes * 60:
                self.save()
                saved = time.time()
            if now - evaluated > a.eval_minutes * 60 and not a.limit:
                self.evaluate()
                evaluated = time.time()
        self.save()
        if not a.limit:
            self.evaluate()
        self.say('done')


def main():
    a = parse()
    if a.pid_file:
        with open(a.pid_file, 'w', encoding='utf-8') as f:
            f.write(str(os.getpid()))
    torch.manual_seed(a.seed)
    torch.set_num_threads(int(os.environ.get('OMP_NUM_THREADS', os.cpu_count())))
    Trainer(a).run()


if __name__ == '__main__':
    main()
