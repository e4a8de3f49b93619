"""scikit-learn's own checks of estimators, and which of them do not apply to texts.

The checks feed matrices of numbers. They run twice: on the classifier as it is, which refuses matrices, and on one that reads each row of numbers as a
text, so that what the checks look for after fitting is looked for here too. Each listed check must fail, and no other may: the lists stay true.
"""

import warnings

import numpy as np
import pytest
from rubrique.sklearn import RubriqueClassifier
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.validation import validate_data


class Matrices:
    """Says that it takes matrices, so that no check is left out."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = False
        tags.input_tags.two_d_array = True
        tags.input_tags.string = False
        return tags


class AsItIs(Matrices, RubriqueClassifier):
    """The classifier, asked for matrices."""


class RowsAsTexts(Matrices, RubriqueClassifier):
    """The classifier, with numbers read out: of each, whether it is above each of some thresholds is a word."""

    def fit(self, X, y=None):
        X = X if y is None else validate_data(self, X)
        return super().fit(read_out(X), y)

    def partial_fit(self, X, y, classes=None):
        X = validate_data(self, X, reset=not hasattr(self, "counts_"))
        return super().partial_fit(read_out(X), y, classes)

    def _judge(self, X):
        if hasattr(self, "counts_"):
            X = read_out(validate_data(self, X, reset=False))
        return super()._judge(X)


def read_out(X):
    """Each number as two words, the steps of two widths in which it stands, between words that make French of it."""

    def letters(number):
        return "".join(chr(ord("b") + number // place % 20) for place in (400, 20, 1))

    def word(column, width, value):
        step = int(np.clip(np.floor(value / width), -4000, 3999)) + 4000
        return f"{letters(column)}{letters(int(width * 100))}{letters(step)}q"

    def text(row):
        return " ".join(f"le {word(column, width, value)}" for column, value in enumerate(row) for width in (0.25, 1.0))

    return [text(row) for row in X]


FITS = "fits on a matrix of numbers to look at what fitting did; X holds texts, and numbers are refused"
MESSAGE = "wants the words in which an estimator of matrices refuses this matrix; any matrix is refused, in words of its own"
EXPECTED = {
    AsItIs: {
        **dict.fromkeys(
            """check_fit_score_takes_y check_estimators_overwrite_params check_dont_overwrite_parameters check_estimators_fit_returns_self
            check_readonly_memmap_input check_n_features_in_after_fitting check_estimators_dtypes check_dtype_object check_pipeline_consistency
            check_estimators_pickle check_f_contiguous_array_estimator check_classifier_data_not_an_array check_classifiers_classes
            check_estimators_partial_fit_n_features check_classifiers_train check_classifiers_multilabel_representation_invariance
            check_classifiers_multilabel_output_format_predict check_classifiers_multilabel_output_format_predict_proba
            check_classifiers_multilabel_output_format_decision_function check_supervised_y_2d check_methods_sample_order_invariance
            check_methods_subset_invariance check_dict_unchanged check_fit_idempotent check_fit_check_is_fitted check_n_features_in
            check_fit2d_predict1d check_positive_only_tag_during_fit check_classifiers_one_label check_estimator_sparse_tag""".split(),
            FITS,
        ),
        **dict.fromkeys(
            """check_complex_data check_estimators_empty_data_messages check_estimators_nan_inf check_estimator_sparse_array
            check_estimator_sparse_matrix check_classifiers_regression_target check_fit2d_1sample check_fit2d_1feature""".split(),
            MESSAGE,
        ),
    },
    # All apply, once numbers are texts.
    RowsAsTexts: {},
}
SKIPPED = {
    "check_array_api_input": "there is no array API of strings",
    "check_classifiers_multilabel_output_format_decision_function": "there is no decision_function: predict_proba is calibrated",
}


@pytest.mark.parametrize("estimator", EXPECTED, ids=lambda estimator: estimator.__name__)
def test_checks(estimator):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(estimator(tune=False, views=["words"], stemming="none", min_df=1), on_fail=None, on_skip=None)
    failed = {r["check_name"]: repr(r["exception"]) for r in results if r["status"] == "failed"}
    passed = {r["check_name"] for r in results if r["status"] == "passed"}
    skipped = {r["check_name"] for r in results if r["status"] == "skipped"}
    expected = EXPECTED[estimator]
    assert {name: why for name, why in failed.items() if name not in expected} == {}
    assert {name for name in expected if name not in failed} == set(), "these pass now: take them off the list"
    assert skipped <= set(SKIPPED) and len(passed) > 15
