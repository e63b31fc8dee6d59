"""Engines that find clusters, and that lay out maps: each a function of a problem, which returns what works on a task."""

from collections.abc import Callable

import numpy as np

from benzer_lab._contests import Array, Clusters, Map, Task
from benzer_lab._engine import faiss, gpus
from benzer_lab._optional import require
from benzer_lab.clusters import KMeans
from benzer_lab.layout import Layout


def scikit_kmeans(problem: Clusters) -> Callable[[Task], Array]:
    """Run Lloyd's algorithm of scikit-learn."""
    from sklearn import cluster

    return lambda task: np.asarray(cluster.KMeans(task.k, n_init=1, random_state=task.seed).fit(task.x).cluster_centers_)


def scikit_mini_batch(problem: Clusters) -> Callable[[Task], Array]:
    """Run scikit-learn's k-means by small batches."""
    from sklearn import cluster

    return lambda task: np.asarray(cluster.MiniBatchKMeans(task.k, n_init=1, random_state=task.seed).fit(task.x).cluster_centers_)


def faiss_kmeans(problem: Clusters, *, gpu: bool = False) -> Callable[[Task], Array]:
    """Run Faiss's k-means, as it comes: 25 rounds over a sample."""

    def fit(task: Task) -> Array:
        model = faiss.Kmeans(task.x.shape[1], task.k, seed=task.seed, gpu=gpu)
        model.train(np.ascontiguousarray(task.x))
        return np.asarray(model.centroids)

    return fit


def faiss_kmeans_gpu(problem: Clusters) -> Callable[[Task], Array]:
    """Run Faiss's k-means on the first GPU, as it comes."""
    return faiss_kmeans(problem, gpu=True)


def own_kmeans(problem: Clusters, device: str = "cpu") -> Callable[[Task], Array]:
    """Run ours."""
    return lambda task: KMeans(task.k, n_init=1, random_state=task.seed, device=device).fit(task.x).cluster_centers_


def own_kmeans_gpu(problem: Clusters) -> Callable[[Task], Array]:
    """Run ours on the first GPU."""
    return own_kmeans(problem, gpus()[0]["device"])


def umap_learn(problem: Map) -> Callable[[Task], Array]:
    """Run umap-learn, from a seed, as it comes."""
    UMAP = require("umap", extra="maps", caller="compare_layout").UMAP

    return lambda task: np.asarray(UMAP(metric="cosine", n_neighbors=task.k, random_state=task.seed, n_jobs=1).fit_transform(task.x))


def scikit_pca(problem: Map) -> Callable[[Task], Array]:
    """Lay rows out along the two directions in which they differ most."""
    from sklearn.decomposition import PCA

    return lambda task: np.asarray(PCA(2, random_state=task.seed).fit_transform(task.x))


def own_map(problem: Map) -> Callable[[Task], Array]:
    """Run ours."""
    return lambda task: Layout(metric="cosine", n_neighbors=task.k, random_state=task.seed).fit_transform(task.x)
