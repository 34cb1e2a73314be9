"""What can be said of an answer made from memories, as pure functions; docs/metrics.md has their rules.

What cannot be scored is None: it is no number, so nothing averages it by mistake, and :func:`mean` counts it.
"""

from __future__ import annotations

from .losses import DedupLoss, Leaks, dedup_loss, leaks
from .order import kendall_tau_b, order_agreement
from .ranking import Ranked, f1, mrr, ndcg, ndcg_longmemeval, precision, ranked, recall, recall_all, recall_any
from .spending import Spent, tokens
from .survival import Survival, holds, survival
from .unscored import Mean, Score, mean, percent
from .versions import Freshness, both_sides, freshness

__all__ = [
    "DedupLoss",
    "Freshness",
    "Leaks",
    "Mean",
    "Ranked",
    "Score",
    "Spent",
    "Survival",
    "both_sides",
    "dedup_loss",
    "f1",
    "freshness",
    "holds",
    "kendall_tau_b",
    "leaks",
    "mean",
    "mrr",
    "ndcg",
    "ndcg_longmemeval",
    "order_agreement",
    "percent",
    "precision",
    "ranked",
    "recall",
    "recall_all",
    "recall_any",
    "survival",
    "tokens",
]
