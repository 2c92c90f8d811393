#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records what scikit-learn measures on answers given by formula.

Needs scikit-learn 1.9 and SciPy: record_metrics.py > recorded.json
The formulas are keyed_random() below (trainer/random.h) and answers(),
label_sets() and scores() as tests/trainer/recorded_answers.cpp has them. A list
of values is recorded as its checksum: the sum of value i times i + 1.
"""
import json
import math
import warnings

import numpy as np
from scipy import optimize
from sklearn import metrics as m

MASK = 2**64 - 1
STEP = 0x9e3779b97f4a7c15

# Truths are below truth_classes; the logits of classes from likely_classes on
# are 30 lower; bump is added to the true class's; rows repeat after distinct.
SINGLE = [
    dict(name='random', pictures=200, classes=7, bump=1.5),
    dict(name='two-classes', pictures=100, classes=2, bump=0.5),
    dict(name='absent-classes', pictures=90, classes=9, truth_classes=4,
         likely_classes=6, bump=1),
    dict(name='one-class-only', pictures=40, classes=3, truth_classes=1, bump=1),
    dict(name='one-class-all-right', pictures=40, classes=3, truth_classes=1,
         bump=16),
    dict(name='all-right', pictures=60, classes=5, bump=16),
    dict(name='all-wrong', pictures=60, classes=5, bump=-16),
    dict(name='a-single-answer', pictures=1, classes=4, bump=0),
    dict(name='ties', pictures=120, classes=6, distinct=5, bump=0),
    dict(name='a-thousand-classes', pictures=300, classes=1000, bump=5),
    dict(name='unsure', pictures=150, classes=10, bump=0),
]
# A label is there with this chance, in percent; never where absent is.
MULTI = [
    dict(name='random', pictures=120, classes=6, percent=30),
    dict(name='an-absent-label', pictures=80, classes=4, percent=40, absent=2),
    dict(name='no-labels', pictures=30, classes=3, percent=0),
    dict(name='all-labels', pictures=30, classes=3, percent=100),
    dict(name='a-single-answer', pictures=1, classes=5, percent=50),
    dict(name='one-label', pictures=50, classes=1, percent=50),
]
# Scores are multiples of 1 / levels.
CURVES = [
    dict(name='distinct', pictures=60, levels=1 << 40, percent=40),
    dict(name='ties', pictures=200, levels=7, percent=40),
    dict(name='all-equal', pictures=20, levels=1, percent=50),
    dict(name='rare', pictures=300, levels=50, percent=2),
    dict(name='no-truth', pictures=25, levels=10, percent=0),
    dict(name='all-truth', pictures=25, levels=10, percent=100),
    dict(name='a-single-truth', pictures=1, levels=10, percent=100),
    dict(name='many', pictures=3000, levels=1 << 40, percent=50),
]


def mix(z):
    z = ((z ^ (z >> 30)) * 0xbf58476d1ce4e5b9) & MASK
    z = ((z ^ (z >> 27)) * 0x94d049bb133111eb) & MASK
    return z ^ (z >> 31)


def keyed_random(*key):
    state = 0
    for part in key:
        state = mix((state + STEP + part) & MASK)
    while True:
        state = (state + STEP) & MASK
        yield mix(state)


def uniform(value):
    return (value >> 11) * 2.0**-53


def logits_row(random, count):
    return [np.float32(8 * uniform(next(random)) - 4) for _ in range(count)]


def answers(case):
    classes = case['classes']
    truth, rows = [], []
    for i in range(case['pictures']):
        label = next(keyed_random(1, i)) % case.get('truth_classes', classes)
        row = logits_row(
            keyed_random(2, i % case.get('distinct', case['pictures'])), classes)
        for c in range(case.get('likely_classes', classes), classes):
            row[c] -= np.float32(30)
        row[label] += np.float32(case['bump'])
        truth.append(label)
        rows.append(row)
    return np.array(truth), np.array(rows, np.float32)


def label_sets(case):
    targets, rows = [], []
    for i in range(case['pictures']):
        random = keyed_random(3, i)
        targets.append([int(next(random) % 100 < case['percent'] and
                            c != case.get('absent', -1))
                        for c in range(case['classes'])])
        rows.append(logits_row(keyed_random(4, i), case['classes']))
    return np.array(targets), np.array(rows, np.float32)


def scores(case):
    truth = [int(next(keyed_random(5, i)) % 100 < case['percent'])
             for i in range(case['pictures'])]
    values = [next(keyed_random(6, i)) % case['levels'] / case['levels']
              for i in range(case['pictures'])]
    return np.array(truth), np.array(values)


def checksum(values):
    return float(sum(float(v) * (i + 1) for i, v in enumerate(values)))


def softmax(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def calibration_error(confidence, right, bins=15):
    edges = np.linspace(0, 1, bins + 1)
    error = 0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            error += abs(confidence[inside].mean() - right[inside].mean()) * \
                inside.mean()
    return error


def averages(truth, predicted, kinds):
    found = {}
    for kind in kinds:
        p, r, f, _ = m.precision_recall_fscore_support(
            truth, predicted, average=kind, zero_division=0)
        found[kind] = [p, r, f]
    return found


def rankings(truth_of, score_of, classes):
    """Of the classes that some pictures have and some have not."""
    precision, area = [], []
    for c in range(classes):
        truth = truth_of(c)
        both = 0 < truth.sum() < len(truth)
        precision.append(m.average_precision_score(truth, score_of(c))
                         if both else math.nan)
        area.append(m.roc_auc_score(truth, score_of(c)) if both else math.nan)
    numbers = np.array([precision, area])
    known = ~np.isnan(numbers[0])
    mean = numbers[:, known].mean(axis=1) if known.any() else [0, 0]
    return {'ranked_classes': int(known.sum()),
            'mean_average_precision': mean[0], 'mean_roc_auc': mean[1],
            'average_precisions': checksum(np.nan_to_num(numbers[0])),
            'roc_aucs': checksum(np.nan_to_num(numbers[1]))}


def per_class(truth, predicted, classes):
    p, r, f, s = m.precision_recall_fscore_support(
        truth, predicted, labels=range(classes), zero_division=0)
    return {'precisions': checksum(p), 'recalls': checksum(r),
            'f1s': checksum(f), 'supports': checksum(s)}


def best_temperature(loss):
    found = optimize.minimize_scalar(
        lambda log_t: loss(math.exp(log_t)), method='bounded',
        bounds=(math.log(0.05), math.log(20)), options={'xatol': 1e-12})
    for end in (0.05, 20):  # where the loss is too flat to see
        if loss(end) <= found.fun:
            return end
    return math.exp(found.x)


def finite_or_zero(value):
    return float(value) if math.isfinite(value) else 0.0


def measure(case):
    truth, logits = answers(case)
    classes = case['classes']
    wide = logits.astype(np.float64)
    p = softmax(wide)
    predicted = p.argmax(axis=1)
    order = np.argsort(-wide, axis=1, kind='stable')
    top = [float((order[:, :k] == truth[:, None]).any(axis=1).mean())
           for k in range(1, min(classes, 6) + 1)]
    if classes > 6:
        assert top == [m.top_k_accuracy_score(truth, p, k=k,
                                              labels=range(classes))
                       for k in range(1, 7)]

    def loss(temperature):
        z = wide / temperature
        largest = z.max(axis=1, keepdims=True)
        return float((np.log(np.exp(z - largest).sum(axis=1)) + largest[:, 0]
                      - z[np.arange(len(truth)), truth]).mean())

    return {
        'accuracy': m.accuracy_score(truth, predicted),
        'balanced_accuracy': m.balanced_accuracy_score(truth, predicted),
        'kappa': finite_or_zero(m.cohen_kappa_score(truth, predicted)),
        'mcc': m.matthews_corrcoef(truth, predicted),
        'loss': m.log_loss(truth, p, labels=range(classes)),
        'loss_at_2': m.log_loss(truth, softmax(wide / 2),
                                labels=range(classes)),
        'ece': calibration_error(p.max(axis=1), predicted == truth),
        'topk': top,
        'confusion': checksum(m.confusion_matrix(
            truth, predicted, labels=range(classes)).ravel()),
        'temperature': best_temperature(loss),
        **averages(truth, predicted, ['micro', 'macro', 'weighted']),
        **per_class(truth, predicted, classes),
        **rankings(lambda c: (truth == c).astype(int), lambda c: p[:, c],
                   classes),
    }


def measure_multi_label(case):
    targets, logits = label_sets(case)
    classes = case['classes']
    wide = logits.astype(np.float64)
    p = 1 / (1 + np.exp(-wide))
    thresholds = np.float32(0.25) + np.arange(classes) / np.float32(16)
    predicted = (p >= thresholds).astype(int)

    def loss(temperature):
        z = wide / temperature
        return float((np.logaddexp(0, z) - targets * z).mean())

    # A single column would be taken for two classes.
    both = [np.column_stack([x, np.zeros(len(x), int)]) if classes == 1 else x
            for x in (targets, predicted)]
    kinds = ['micro', 'weighted'] if classes == 1 else \
        ['micro', 'macro', 'weighted']
    known = per_class(*both, classes) if classes > 1 else {}
    return {
        'accuracy': m.accuracy_score(*both),
        'loss': np.mean([m.log_loss(targets[:, c], p[:, c], labels=[0, 1])
                         for c in range(classes)]),
        'ece': calibration_error(p.ravel(), targets.ravel()),
        'temperature': best_temperature(loss),
        **averages(*both, kinds),
        **known,
        **rankings(lambda c: targets[:, c], lambda c: p[:, c], classes),
    }


def best_threshold(truth, values):
    if not truth.any():
        return 0.5
    return max((m.f1_score(truth, values >= t), t) for t in set(values))[1]


def curves(case):
    truth, values = scores(case)
    precision, recall, at = m.precision_recall_curve(
        truth, values, pos_label=1, drop_intermediate=False)
    false, true, levels = m.roc_curve(truth, values, pos_label=1,
                                      drop_intermediate=True)
    some = bool(truth.any())
    both = some and not truth.all()
    return {
        'precisions': checksum(precision), 'recalls': checksum(recall),
        'pr_thresholds': checksum(at), 'pr_points': len(at),
        'false_positive_rates': checksum(false),
        'true_positive_rates': checksum(true),
        'roc_thresholds': checksum(levels[1:]), 'roc_points': len(levels),
        'average_precision':
            m.average_precision_score(truth, values) if some else math.nan,
        'roc_auc': m.roc_auc_score(truth, values) if both else math.nan,
        'best_f1_threshold': best_threshold(truth, values),
    }


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, (int, str)):
        return value
    return None if math.isnan(value) else float(value)


def main():
    warnings.simplefilter('ignore')  # degenerate cases are meant
    recorded = {
        kind: [{**case, 'expected': plain(measured(case))} for case in cases]
        for kind, measured, cases in (
            ('single', measure, SINGLE), ('multi', measure_multi_label, MULTI),
            ('curves', curves, CURVES))}
    lines = [f' "{kind}": [\n' +
             ',\n'.join('  ' + json.dumps(case) for case in cases) + '\n ]'
             for kind, cases in recorded.items()]
    print('{\n' + ',\n'.join(lines) + '\n}')


if __name__ == '__main__':
    main()
