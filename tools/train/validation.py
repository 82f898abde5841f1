"""Makes validation.tsv: labelled pictures for retrieval, from sources whose paths carry a label.

    python3 validation.py --data DIR > validation.tsv
    python3 validation.py --data DIR --extract FOLDER    # the pictures in a folder a label, for `likeness eval`

The list is checked in; a changed list makes figures incomparable.
"""
import argparse
import os
import re
from collections import defaultdict

from pictures import read_index, read_shards, read_validation

def _folder(path):
    return os.path.basename(os.path.dirname(path))


def _room(path):
    return re.sub(r'^\d+_|\.\w+$', '', os.path.basename(path))


# source -> (pictures per label, label of a path)
SOURCES = {'animals_pop': (20, _folder), 'sports': (16, _folder), 'grocery': (7, _folder), 'dtd': (14, _folder),
           'monkeys': (14, _folder), 'intel': (14, _folder), 'trashnet': (14, _folder), 'pacs_art': (14, _folder),
           'plants': (14, _folder), 'houses': (14, _room)}
UNLABELLED = {'_sample_images', '.ipynb_checkpoints'}


def choose(index, fewest=6):
    """[(file number, source/label)]: the first so many of each label by file number (the shards are shuffled)."""
    groups = defaultdict(list)
    for number, source, path in sorted(index):
        if source not in SOURCES or 'iconic-images' in path:
            continue
        most, label_of = SOURCES[source]
        label = label_of(path)
        if label not in UNLABELLED and len(groups[source, label]) < most:
            groups[source, label].append(number)
    return sorted((n, '/'.join(key)) for key, numbers in groups.items() if len(numbers) >= fewest for n in numbers)


def extract(data, folder):
    jpegs = read_shards(data)
    for n, label in read_validation().items():
        to = os.path.join(folder, label.replace('/', '-'))
        os.makedirs(to, exist_ok=True)
        with open(os.path.join(to, f'{n:05d}.jpg'), 'wb') as f:
            f.write(jpegs[n])


def main():
    ap = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    ap.add_argument('--data', required=True, help='folder with index.tsv.gz')
    ap.add_argument('--extract', metavar='FOLDER', help='write the checked-in list\'s pictures to FOLDER/LABEL/NUMBER.jpg')
    a = ap.parse_args()
    if a.extract:
        return extract(a.data, a.extract)
    rows = choose(read_index(a.data))
    print('# file number, source/label: labelled pictures kept out of training (made by validation.py)')
    for n, label in rows:
        print(f'{n}\t{label}')


if __name__ == '__main__':
    main()
