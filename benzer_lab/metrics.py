"""Scores of retrieval, clusterings and maps: pure functions of arrays, usable at 100,000 rows."""

from benzer_lab._clusterings import adjusted_rand, calinski_harabasz, davies_bouldin, inertia, normalized_mutual_information, silhouette
from benzer_lab._distances import Score
from benzer_lab._neighborhoods import continuity, trustworthiness
from benzer_lab._rankings import average_precision, index_recall, ndcg, precision_at, recall_at, relevance

__all__ = [
    "Score",
    "adjusted_rand",
    "average_precision",
    "calinski_harabasz",
    "continuity",
    "davies_bouldin",
    "index_recall",
    "inertia",
    "ndcg",
    "normalized_mutual_information",
    "precision_at",
    "recall_at",
    "relevance",
    "silhouette",
    "trustworthiness",
]
