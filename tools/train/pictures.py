"""Training pictures: tar shards of small JPEGs, the labelled validation list, random crops."""
import glob
import gzip
import io
import math
import os
import random
import tarfile
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
VALIDATION = os.path.join(HERE, 'validation.tsv')


def read_index(data):
    """[(file number, source, path inside the source)] from index.tsv.gz of the data folder."""
    with gzip.open(os.path.join(data, 'index.tsv.gz'), 'rt', encoding='utf-8') as f:
        rows = [line.rstrip('\n').split('\t') for line in f][1:]
    return [(int(n), source, path) for n, source, path in rows]


def read_validation(path=VALIDATION):
    """{file number: label}: the pictures that are never trained on."""
    with open(path, encoding='utf-8') as f:
        rows = [line.rstrip('\n').split('\t') for line in f if not line.startswith('#')]
    return {int(n): label for n, label in rows}


def read_shards(data):
    """{file number: JPEG bytes}. Raises FileNotFoundError when the folder holds no shards."""
    shards = sorted(glob.glob(os.path.join(data, 'shard-*.tar')))
    if not shards:
        raise FileNotFoundError(f'{data}: no shard-*.tar; pass the folder of training pictures as --data')
    out = {}
    for shard in shards:
        with tarfile.open(shard) as tar:
            for member in tar:
                if member.isfile():
                    out[int(os.path.basename(member.name).split('-')[0])] = tar.extractfile(member).read()
    return out


def decode(jpegs, threads=2):
    """[PIL RGB] of JPEG bytes; about 90 KB each."""
    def one(b):
        return Image.open(io.BytesIO(b)).convert('RGB')
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, jpegs))


def crop_box(width, height, rng, smallest=.25, largest=1.):
    """A random box (left, top, right, bottom): area smallest..largest of the picture, aspect 3/4 to 4/3."""
    for _ in range(8):
        aspect = math.exp(rng.uniform(math.log(.75), math.log(4 / 3)))
        area = width * height * rng.uniform(smallest, largest)
        w, h = math.sqrt(area * aspect), math.sqrt(area / aspect)
        if w <= width and h <= height:
            break
    else:
        w = h = min(width, height)
    x, y = rng.uniform(0, width - w), rng.uniform(0, height - h)
    return x, y, x + w, y + h


def fixed_box(picture, number, k, seed, smallest):
    """Crop k of a picture: the same box every time it is asked for, so that its target can be kept."""
    return crop_box(*picture.size, random.Random(f'{seed}/{number}/{k}'), smallest)


def cut(picture, box, side):
    """side x side x 3 uint8."""
    return np.asarray(picture.resize((side, side), Image.BILINEAR, box=box))


def centre(picture, side):
    """side x side x 3 uint8: short side to side*8/7, centre cut out, in one resampling, as the engine prepares pictures."""
    w, h = picture.size
    s = min(w, h) * 7 / 8
    return cut(picture, ((w - s) / 2, (h - s) / 2, (w + s) / 2, (h + s) / 2), side)


def jitter(pixels, rng, amount):
    """pixels (uint8) with brightness, contrast and saturation changed by up to +-amount each."""
    x = pixels.astype(np.float32)
    bright, contrast, colour = (1 + rng.uniform(-amount, amount) for _ in range(3))
    mean = float(x.mean())
    grey = x @ np.array([.299, .587, .114], np.float32)
    x = grey[..., None] * (1 - colour) + x * colour
    x = (x - mean) * contrast + mean * bright
    return np.clip(x, 0, 255).astype(np.uint8)
