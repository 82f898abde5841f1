"""python3 -m unittest, in this folder. Needs torch; the training test also the pictures and teachers in LIKENESS_SHARED."""
import os
import tempfile
import unittest

import numpy as np

try:
    import torch
except ImportError:
    raise unittest.SkipTest('torch is not installed')

import export
import onnxfile
import schedule
from losses import distillation
from metrics import retrieval
from network import MobileNetV2, fake_int8, folded_weights, from_folded, same_padding, with_batch_norm
from pictures import read_validation

SHARED = os.environ.get('LIKENESS_SHARED', os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../shared'))


def small_network(seed=0):
    """A plain network whose activations stay in range."""
    torch.manual_seed(seed)
    net = MobileNetV2()
    for c in net.convs().values():
        torch.nn.init.normal_(c.conv.weight, std=(2 / c.conv.weight[0].numel()) ** .5)
        torch.nn.init.normal_(c.conv.bias, std=.1)
    return net.eval()


class Network(unittest.TestCase):
    def test_batch_norm_and_folding_keep_the_function(self):
        plain, x = small_network(), torch.rand(4, 3, 64, 64) * 2 - 1
        normed = with_batch_norm(plain, [x]).eval()
        folded = from_folded(folded_weights(normed)).eval()
        with torch.no_grad():
            want = plain(x)
            for got in (normed(x), folded(x)):
                self.assertLess(float((got - want).abs().max()), 1e-3 * float(want.abs().max()))

    def test_missing_and_misshapen_weights_are_refused(self):
        arrays = folded_weights(small_network())
        with self.assertRaises(ValueError):
            from_folded({**arrays, 'Conv/w': arrays['Conv/w'][:, :2]})
        del arrays['Conv/b']
        with self.assertRaises(KeyError):
            from_folded(arrays)

    def test_same_padding(self):
        self.assertEqual([same_padding(n, 3, 2) for n in (160, 9, 5)], [(0, 1), (1, 1), (1, 1)])

    def test_fake_int8_has_255_levels_a_channel_and_passes_the_gradient(self):
        w = torch.randn(4, 30, 3, 3, requires_grad=True)
        q = fake_int8(w)
        steps = q.detach() / (w.detach().flatten(1).abs().amax(1).view(-1, 1, 1, 1) / 127)
        self.assertLess(float((steps - steps.round()).abs().max()), 1e-3)
        q.sum().backward()
        self.assertTrue(bool((w.grad == 1).all()))


class Onnx(unittest.TestCase):
    def test_round_trip(self):
        arrays = folded_weights(small_network())
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, 'net.onnx')
            export.write(path, export.encode(arrays))
            convs = onnxfile.read_convs(path)
            nodes, _ = onnxfile.read_graph(path)
        names = [k[:-2] for k in arrays if k.endswith('/w')]
        self.assertEqual(len(convs), 51)
        for name, (w, b) in zip(names, convs):
            np.testing.assert_array_equal(w, arrays[name + '/w'])
            np.testing.assert_array_equal(b, arrays[name + '/b'])
        outputs = [o for n in nodes for o in n['outputs']]
        self.assertTrue(set(names) <= set(outputs))
        self.assertEqual(outputs[-1], export.LAYER)
        self.assertEqual(sum(n['op'] == 'Add' for n in nodes), 10)

    def test_damaged_files_are_errors(self):
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, 'net.onnx')
            data = export.encode(folded_weights(small_network()))
            for broken in (data[:1000], b'\xff' * 20, b''):
                with open(path, 'wb') as f:
                    f.write(broken)
                with self.assertRaises(ValueError):
                    onnxfile.read_graph(path)


class Metrics(unittest.TestCase):
    def test_by_hand(self):
        angles = np.array([0, 10, 25, 90.])
        vectors = np.stack([np.cos(np.radians(angles)), np.sin(np.radians(angles))], 1)
        r = retrieval(vectors, ['a', 'b', 'a', 'b'])
        # ranks of the one relevant picture: 2, 3, 2, 2
        self.assertAlmostEqual(r['map'], (1 / 2 + 1 / 3 + 1 / 2 + 1 / 2) / 4)
        self.assertEqual(r['p1'], 0)

    def test_single_pictures_do_not_count(self):
        r = retrieval(np.eye(3), ['a', 'a', 'b'])
        self.assertEqual(r['p1'], 1)  # the tie goes to the earlier picture: each a finds the other
        self.assertEqual(r['map'], 1)

    def test_the_validation_list(self):
        labels = list(read_validation().values())
        self.assertGreater(len(labels), 1500)
        self.assertGreaterEqual(min(labels.count(v) for v in set(labels)), 6)


class Schedule(unittest.TestCase):
    def test_progress(self):
        self.assertEqual(schedule.Clock(steps=10).progress(5), .5)
        clock = schedule.Clock(progress=.5, until=0)
        self.assertEqual(clock.progress(0), 1)
        clock.began, clock.until = clock.began - 10, clock.began + 10
        self.assertAlmostEqual(clock.progress(0), .75, places=2)

    def test_rate_and_sizes(self):
        self.assertEqual(schedule.rate(.03), 1)
        self.assertAlmostEqual(schedule.rate(1), .01)
        sizes = schedule.parse_sizes('0:128,.7:160')
        self.assertEqual([schedule.size_at(sizes, p) for p in (0, .69, .7, 1)], [128, 128, 160, 160])


class Loss(unittest.TestCase):
    def test_zero_at_the_target(self):
        z = torch.randn(4, 5, 5, 320)
        bank = torch.randn(16, 320)
        self.assertLess(float(distillation(z, z, bank, (1., 1.))[0]), 1e-5)
        self.assertGreater(float(distillation(z.flip(0), z, bank, (1., 1.))[0]), .5)


@unittest.skipUnless(os.path.exists(os.path.join(SHARED, 'train/student.npz')), 'no training material: set LIKENESS_SHARED')
class Resume(unittest.TestCase):
    def test_interrupted_equals_uninterrupted(self):
        import train
        base = ['--data', SHARED + '/train', '--models', SHARED + '/models', '--limit', '24', '--batch', '8', '--steps', '6',
                '--sizes', '0:64,.5:96', '--teacher-size', '64', '--crops', '2', '--float32']
        with tempfile.TemporaryDirectory() as d:
            train.Trainer(train.parse(base + ['--out', d + '/whole'])).run()
            train.Trainer(train.parse(base + ['--out', d + '/parts', '--stop-after', '3'])).run()
            train.Trainer(train.parse(base + ['--out', d + '/parts'])).run()
            whole, parts = (torch.load(f'{d}/{k}/checkpoint.pt') for k in ('whole', 'parts'))
        self.assertEqual(whole['step'], 6)
        self.assertEqual(parts['step'], 6)
        for group in ('net', 'ema'):
            for k, v in whole[group].items():
                self.assertTrue(torch.equal(v, parts[group][k]), f'{group} {k}')


if __name__ == '__main__':
    unittest.main()
