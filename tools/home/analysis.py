#!/usr/bin/env python3
"""Repeats the analysis of this folder with scikit-learn.

    pip install numpy scikit-learn matplotlib
    python3 analysis.py           prints figures, each beside the one that Likeness
                                  showed, and writes plots and results.json into analysis/
    python3 -i analysis.py        and leaves c there to go on with: c.unit has the vectors
                                  (a row for each picture, of length 1), c.names,
                                  c.labels, c.groups, c.places, and frame(c) a table

numpy and scikit-learn are needed. Without matplotlib there are no plots, without
pyarrow vectors.parquet is not looked at, without pandas frame(c) is not there.
Python 3.8 or newer.
"""
import argparse
import json
import os
import sys
import warnings
from collections import Counter
from types import SimpleNamespace

try:
    import numpy as np
    import sklearn
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.manifold import TSNE
    from sklearn.metrics import adjusted_rand_score, confusion_matrix
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.neighbors import NearestNeighbors
    from sklearn.preprocessing import normalize
except ImportError as missing:
    sys.exit(f"{missing.name} is not installed: pip install numpy scikit-learn matplotlib")

SEED = 0
# Vectors that the slow steps (t-SNE, logistic regression) look at.
MOST = 3000

results = {}


def tell(text, key=None, **numbers):
    """Prints a line, and keeps its numbers for results.json."""
    print(text)
    if key:
        results[key] = {k: v.item() if isinstance(v, np.generic) else v for k, v in numbers.items()}


# --- what is in the folder ----------------------------------------------------

def load(folder):
    """Reads the folder; everything is in the order of the vectors."""
    def read(name):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return json.load(file)

    vectors = np.load(os.path.join(folder, "vectors.npy"))
    pictures, shown = read("pictures.json"), read("shown.json")
    names = pictures["name"]
    if vectors.ndim != 2 or len(vectors) != len(names):
        sys.exit(f"vectors.npy has {len(vectors)} rows and pictures.json {len(names)} names: one of them was replaced")
    if not np.isfinite(vectors).all():
        sys.exit("vectors.npy holds values that are not finite: the file is damaged")
    empty = [""] * len(names)
    places = pictures.get("place")
    return SimpleNamespace(
        folder=folder, vectors=vectors, shown=shown, names=names,
        unit=normalize(vectors.astype(np.float64)),
        labels=np.array(pictures.get("label", empty), dtype=object),
        groups=np.array(pictures.get("group", empty), dtype=object),
        # The classes of a taught model, where there is one, else the labels.
        classes=np.array(pictures.get("class", pictures.get("label", empty)), dtype=object),
        places=None if places is None else np.array([p or [np.nan] * shown["map"]["dims"] for p in places]),
    )


def frame(c):
    """A pandas table of the pictures."""
    import pandas
    table = pandas.DataFrame({"name": c.names, "label": c.labels, "group": c.groups})
    if c.places is not None:
        for axis, column in zip("xyz", c.places.T):
            table[axis] = column
    return table


def parquet(c):
    """Whether vectors.parquet holds the same numbers as vectors.npy."""
    path = os.path.join(c.folder, "vectors.parquet")
    if not os.path.exists(path):
        return
    try:
        import pyarrow.parquet
    except ImportError:
        tell("vectors.parquet was not looked at: pyarrow is not installed")
        return
    table = pyarrow.parquet.read_table(path)
    values = np.concatenate([np.asarray(chunk.flatten()) for chunk in table["vector"].chunks])
    same = table["name"].to_pylist() == list(c.names) and np.array_equal(values, c.vectors.ravel())
    tell(f"vectors.parquet {'holds the same names and numbers' if same else 'DIFFERS from vectors.npy'}", "parquet", same=same)


def spread(rows, most=MOST):
    """At most so many of the rows, evenly spaced."""
    return rows[::max(1, -(-len(rows) // most))]


def near(mine, theirs):
    return f"{mine:.4f}, shown {theirs:.4f}, difference {abs(mine - theirs):.1g}"


# --- neighbours ---------------------------------------------------------------

def ranking(unit, rows):
    """Of each row all others, the most alike first; equal ones in their order."""
    for at in range(0, len(rows), 256):
        some = rows[at:at + 256]
        cosines = (unit[some] @ unit.T).astype(np.float32)
        cosines[np.arange(len(some)), some] = np.inf
        order = np.argsort(-cosines, axis=1, kind="stable")[:, 1:]
        for i, row in enumerate(some):
            yield row, order[i], cosines[i, order[i]]


def neighbours(c):
    """The nearest pictures, by cosine, beside those that were shown."""
    shown = c.shown.get("neighbours")
    if not shown or len(c.names) < 2:
        return
    rows, k = np.array(shown["of"]), shown["k"]
    search = NearestNeighbors(n_neighbors=k + 1, metric="cosine", algorithm="brute").fit(c.unit)
    distance, index = search.kneighbors(c.unit[rows])
    first = same = found = 0
    off = 0.0
    for row, near_ones, far, theirs, scores in zip(rows, index, distance, shown["near"], shown["score"]):
        mine = [(i, 1 - d) for i, d in zip(near_ones, far) if i != row][:k]
        off = max(off, max(abs(s - t) for (_, s), t in zip(mine, scores)))
        # Copies are equally near: which of them comes first says nothing.
        first += mine[0][0] == theirs[0] or abs(mine[0][1] - scores[0]) < 1e-6
        least = scores[-1]
        same += len({i for i, _ in mine} & set(theirs)) + sum(i not in theirs and s < least + 1e-6 for i, s in mine)
        found += len(theirs)
    tell(f"nearest neighbours of {len(rows)} pictures: the first is the one shown for {first / len(rows):.2%}, "
         f"{same / found:.2%} of the {k} nearest are among those shown; cosines differ by {off:.1g} at most",
         "neighbours", first=first / len(rows), same=same / found, cosine=off)


def retrieval(c):
    """How often alike pictures have the same label (likeness eval has the same)."""
    shown = c.shown.get("retrieval")
    if not shown:
        return
    rows = np.flatnonzero(c.labels != "")[::shown["every"]]
    unit, labels = c.unit[rows], c.labels[rows]
    count = Counter(labels)
    sums, queries = np.zeros(4), 0
    for row, order, _ in ranking(unit, np.arange(len(rows))):
        if count[labels[row]] < 2:
            continue
        hits = labels[order] == labels[row]
        precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
        vote = Counter(labels[order[:5]]).most_common(1)[0][0]
        sums += [hits[0], hits[:5].mean(), precision[hits].sum() / hits.sum(), vote == labels[row]]
        queries += 1
    names = ["p1", "p5", "map", "knn"]
    words = ["the nearest has the same label (P@1)", "of the five nearest (P@5)", "all of them early (mAP)", "label guessed by five neighbours (kNN)"]
    mine = dict(zip(names, sums / max(queries, 1)))
    for name, word in zip(names, words):
        print(f"{word}: {near(mine[name], shown[name])}")
    tell(f"  over {queries} pictures with labels", "retrieval", queries=queries, **mine,
         difference=max(abs(mine[n] - shown[n]) for n in names))


# --- maps ---------------------------------------------------------------------

def faithfulness(unit, places, k, every):
    """Trustworthiness as in sklearn.manifold.trustworthiness, by cosine, and the share of the k nearest kept on the map."""
    n, wrong, kept = len(unit), 0, 0
    rows = np.arange(0, n, every)
    for row, order, _ in ranking(unit, rows):
        rank = np.empty(n, dtype=int)
        rank[order] = np.arange(1, n)
        distance = ((places - places[row]) ** 2).sum(axis=1)
        distance[row] = np.inf
        ranks = rank[np.argsort(distance, kind="stable")[:k]]
        wrong += np.maximum(ranks - k, 0).sum()
        kept += (ranks <= k).sum()
    return 1 - wrong * 2 / (len(rows) * k * (2 * n - 3 * k - 1)), kept / (len(rows) * k)


def maps(c):
    """PCA and t-SNE, and how well each map keeps neighbours; returns the maps."""
    n = len(c.names)
    if n < 4:
        return {}
    pca = PCA(2, svd_solver="full").fit(c.unit) if min(c.unit.shape) > 1 else None
    made = {} if pca is None else {"PCA": (np.arange(n), pca.transform(c.unit))}
    if pca is not None:
        mine = pca.explained_variance_ratio_.sum()
        shown = c.shown.get("pca")
        tell("two directions hold of the differences (PCA): " + (near(mine, sum(shown)) if shown else f"{mine:.4f}"), "pca",
             explained=mine, **({"difference": abs(mine - sum(shown))} if shown else {}))
    rows = spread(np.arange(n))
    if n >= 16:
        layout = TSNE(2, perplexity=min(30, (len(rows) - 1) / 3), init="pca", learning_rate="auto", random_state=SEED)
        made["t-SNE"] = rows, layout.fit_transform(c.unit[rows])
    measured = {}
    for name, (on, places) in made.items():
        measured[name] = faithfulness(c.unit[on], places, min(10, (len(on) - 1) // 2), 1 if len(on) <= MOST else len(on) // MOST)
    shown = c.shown.get("map")
    if c.places is not None:
        on = np.flatnonzero(np.isfinite(c.places[:, 0]))
        made["map shown"] = on, c.places[on]
        k = shown.get("near") or min(10, (len(on) - 1) // 2)
        if len(on) > 3:
            measured["map shown"] = faithfulness(c.unit[on], c.places[on], k, shown.get("every", 1))
    for name, (trust, kept) in measured.items():
        told, numbers = "", {}
        if name == "map shown" and "trustworthiness" in shown:
            told = f" (told by Likeness: {shown['trustworthiness']:.4f} and {shown['kept']:.4f})"
            numbers = {"difference": abs(trust - shown["trustworthiness"])}
        what = f"{name}, {shown['method']}" if name == "map shown" else name
        tell(f"{what}: trustworthiness {trust:.4f}, {kept:.4f} of the nearest kept{told}", name, trustworthiness=trust, kept=kept, **numbers)
    return made


# --- groups -------------------------------------------------------------------

def centred(unit, of):
    """The mean cosine of the vectors to the middle of their group."""
    total = 0.0
    for one in set(of):
        some = unit[of == one]
        total += np.linalg.norm(some.sum(axis=0))  # the sum of the cosines to the direction of the sum
    return total / len(of)


def density_groups(unit, made):
    """Groups by HDBSCAN; None where this scikit-learn, before 1.3, has none."""
    try:
        from sklearn.cluster import HDBSCAN
    except ImportError:
        return None
    least = made["least"]
    return HDBSCAN(min_cluster_size=least, min_samples=min(least, 10)).fit_predict(unit)


def grouping(c):
    """The groups anew, beside those that were shown."""
    shown = c.shown.get("groups")
    rows = np.flatnonzero(c.groups != "")
    if not shown or len(rows) < 3:
        return
    made, k = shown.get("made") or {}, len(set(c.groups[rows]))
    whole = density_groups(c.unit, made) if made.get("method") == "hdbscan" else None
    if made.get("method") == "hdbscan" and whole is None:
        tell("the groups were made by HDBSCAN, which scikit-learn has from 1.3 on: k-means stands in for it")
    unit, theirs = c.unit[rows], c.groups[rows]
    if whole is not None:
        rand = adjusted_rand_score(theirs, whole[rows])
        tell(f"groups by HDBSCAN beside the {k} shown: adjusted Rand index {rand:.3f}", "groups", rand=rand, method="HDBSCAN", k=k)
    else:
        best = KMeans(k, n_init=10, random_state=SEED).fit_predict(unit)
        rand, own = adjusted_rand_score(theirs, best), centred(unit, best)
        # Likeness begins once, by chance, as these do; and it compares by angles, which scikit-learn does not.
        once = [adjusted_rand_score(KMeans(k, n_init=1, random_state=SEED + i).fit_predict(unit), best) for i in range(1, 6)]
        tell(f"groups by k-means of {k} groups, the best of ten, beside those shown: adjusted Rand index {rand:.3f}; "
             f"five single runs of scikit-learn beside it: {min(once):.3f} to {max(once):.3f}", "groups", rand=rand, once=once, method="k-means", k=k)
        kinds = np.array(sorted(set(theirs)), dtype=object)
        middles = normalize([unit[theirs == one].mean(axis=0) for one in kinds])
        kept = float((kinds[np.argmax(unit @ middles.T, axis=1)] == theirs).mean())
        tell(f"  pictures that are nearest, by angle, to the middle of the group shown: {kept:.2%} (k-means ends where all are)", "groups kept", share=kept)
        tell(f"  mean cosine to the middle of the group: {near(own, centred(unit, theirs))}", "compactness", mine=own, shown=centred(unit, theirs))
    both = rows[c.labels[rows] != ""]
    if len(set(c.labels[both])) > 1:
        rand = adjusted_rand_score(c.labels[both], c.groups[both])
        tell(f"  the groups shown beside the labels: adjusted Rand index {rand:.3f}", "groups and labels", rand=rand)


# --- labels -------------------------------------------------------------------

def classification(c):
    """Logistic regression on the labels, told of pictures that it has not learned from; returns labels and confusion."""
    taught = c.shown.get("taught") or {}
    count = Counter(c.classes[c.classes != ""])
    rows = spread(np.array([i for i, label in enumerate(c.classes) if label and count[label] > 1], dtype=int))
    count = Counter(c.classes[rows])
    names = sorted(count)
    if len(names) < 2 or min(count.values()) < 2 and max(count.values()) < 2:
        return None
    folds = min(taught.get("folds") or 5, max(count.values()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes with fewer pictures than there are folds
        told = cross_val_predict(LogisticRegression(C=10, max_iter=2000), c.unit[rows], c.classes[rows],
                                 cv=StratifiedKFold(folds, shuffle=True, random_state=SEED))
    right = float((told == c.classes[rows]).mean())
    shown = taught.get("accuracy")
    beside = f"the taught model showed {shown:.3f}" if shown is not None else ""
    if not beside and "retrieval" in c.shown:
        beside = f"five neighbours, as shown: {c.shown['retrieval']['knn']:.3f}"
    often = max(count.values()) / len(rows)
    tell(f"logistic regression on {len(names)} labels of {len(rows)} pictures, {folds} stratified folds: accuracy {right:.3f}"
         + (f"; {beside}" if beside else "") + f"; the most frequent label: {often:.3f}",
         "classification", accuracy=right, folds=folds, frequent=often, **({"difference": abs(right - shown)} if shown is not None else {}))
    confusion = confusion_matrix(c.classes[rows], told, labels=names)
    if len(names) <= 30:
        for name, row, i in zip(names, confusion, range(len(names))):
            column = confusion[:, i].sum()
            print(f"  {name}: {row.sum()} pictures, precision {row[i] / column if column else 0:.2f}, recall {row[i] / row.sum():.2f}")
    return names, confusion


# --- plots --------------------------------------------------------------------

def plots(c, made, told, out):
    try:
        import matplotlib
        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
    except ImportError:
        tell("no plots: matplotlib is not installed")
        return
    kinds = c.groups if (c.groups != "").any() else c.labels
    common = [kind for kind, _ in Counter(kinds[kinds != ""]).most_common(12)]
    for name, (rows, places) in made.items():
        figure, axes = plt.subplots(figsize=(10, 7))
        for i, kind in enumerate([*common, None]):
            some = ~np.isin(kinds[rows], common) if kind is None else kinds[rows] == kind
            colour = "#9a9a9a" if kind is None else plt.cm.tab20(i % 20)
            if some.any():
                axes.scatter(*places[some, :2].T, s=8, color=[colour], label=kind or ("others" if common else None))
        axes.set(title=name, xticks=[], yticks=[], aspect="equal")
        if common:
            axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8)
        figure.savefig(os.path.join(out, name.replace(" ", "-").lower() + ".png"), dpi=120, bbox_inches="tight")
        plt.close(figure)
    if told:
        names, confusion = told
        side = min(4 + 0.3 * len(names), 20)
        figure, axes = plt.subplots(figsize=(side, side))
        axes.imshow(confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1)
        axes.set(xlabel="told", ylabel="label", title="logistic regression")
        axes.set_xticks(range(len(names)), names, rotation=90)
        axes.set_yticks(range(len(names)), names)
        figure.savefig(os.path.join(out, "confusion.png"), dpi=120, bbox_inches="tight")
        plt.close(figure)
    tell(f"plots are in {out}")


def main():
    options = argparse.ArgumentParser(description="Repeats the analysis of this folder with scikit-learn.")
    options.add_argument("folder", nargs="?", default=os.path.dirname(os.path.abspath(__file__)), help="the folder (default: where this script lies)")
    options.add_argument("-o", "--out", help="the folder to write to (default: analysis/ in it)")
    given = options.parse_args()
    c = load(given.folder)
    out = given.out or os.path.join(given.folder, "analysis")
    os.makedirs(out, exist_ok=True)
    origin = c.shown.get("origin") or {}
    tell(f"{len(c.names)} vectors of {c.vectors.shape[1]} values"
         + (f", by {origin['model']}, layer {origin['layer']}, {origin['pool']}" if origin.get("model") else "")
         + f"; numpy {np.__version__}, scikit-learn {sklearn.__version__}", "vectors", count=len(c.names), dim=c.vectors.shape[1])
    parquet(c)
    neighbours(c)
    retrieval(c)
    made = maps(c)
    grouping(c)
    told = classification(c)
    plots(c, made, told, out)
    with open(os.path.join(out, "results.json"), "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
    return c


if __name__ == "__main__":
    c = main()
