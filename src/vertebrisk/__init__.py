"""vertebrisk: from the patient list to a validated risk model and its report.

Names load when they are first used, so that ``import vertebrisk`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from vertebrisk._version import __version__

if TYPE_CHECKING:
    from vertebrisk.cohort.reading import read_codebook, read_table
    from vertebrisk.cohort.scanning.patient_scan import PatientScan
    from vertebrisk.cohort.scanning.scanning import scan_table
    from vertebrisk.comparison.agreement import agreement_categorical, agreement_continuous
    from vertebrisk.comparison.competing_risks import (
        CumulativeIncidence,
        GrayTest,
        cumulative_incidence,
        gray_test,
    )
    from vertebrisk.comparison.missing import missing_patterns, missingness
    from vertebrisk.comparison.repeated import repeated_measures
    from vertebrisk.comparison.survival import KaplanMeier, LogRank, kaplan_meier, log_rank
    from vertebrisk.comparison.table_one import table_one
    from vertebrisk.evidence.appraisal.answers import Answer
    from vertebrisk.evidence.appraisal.appraising import Appraisal, appraise, appraise_library
    from vertebrisk.evidence.audit.auditing import audit
    from vertebrisk.evidence.audit.values import Audit
    from vertebrisk.evidence.export import PublishedModel, published_model
    from vertebrisk.evidence.library import library, library_study
    from vertebrisk.evidence.loading import load_study
    from vertebrisk.evidence.pooling.asymmetry import Egger, Funnel, egger, funnel
    from vertebrisk.evidence.pooling.effect_sizes import (
        EffectSizes,
        log_observed_expected_ratios,
        log_odds_ratios,
        log_ratios,
        logit_c_statistics,
        logit_proportions,
    )
    from vertebrisk.evidence.pooling.papers import PooledPapers, pool_papers
    from vertebrisk.evidence.pooling.pooling import pool
    from vertebrisk.evidence.pooling.proportions import pool_proportions
    from vertebrisk.evidence.pooling.regression import MetaRegression, meta_regression
    from vertebrisk.evidence.pooling.results import Pooled
    from vertebrisk.evidence.pooling.subsets import (
        Subgroups,
        cumulative_pooling,
        leave_one_out,
        pool_subgroups,
    )
    from vertebrisk.evidence.published import PublishedStudy
    from vertebrisk.evidence.reconstruction.cohort import (
        Reconstruction,
        reconstruct,
        reconstruction,
    )
    from vertebrisk.evidence.reconstruction.notes import ReconstructionNotes
    from vertebrisk.kernels.sampling import SourcePopulation
    from vertebrisk.models.comparing.comparing import compare_models
    from vertebrisk.models.comparing.results import ModelComparison
    from vertebrisk.models.conditional.firth import FirthConditionalFit
    from vertebrisk.models.conditional.fit import ConditionalFit
    from vertebrisk.models.conditional.fitting import fit_conditional
    from vertebrisk.models.conditional.screening import screen_conditional
    from vertebrisk.models.development import Selection
    from vertebrisk.models.external.results import ExternalValidation
    from vertebrisk.models.external.validating import external_validation
    from vertebrisk.models.firth.cox import FirthCoxFit
    from vertebrisk.models.firth.fit import FirthLogisticFit
    from vertebrisk.models.imputation.fitting import fit_imputed
    from vertebrisk.models.imputation.imputations import Imputations
    from vertebrisk.models.imputation.imputing import impute
    from vertebrisk.models.imputation.pooled import PooledFit
    from vertebrisk.models.logistic.fit import LogisticFit
    from vertebrisk.models.logistic.fitting import fit_logistic
    from vertebrisk.models.monitoring.monitoring import monitor
    from vertebrisk.models.monitoring.results import Monitoring
    from vertebrisk.models.penalised.fit import PenalisedCoxFit, PenalisedLogisticFit
    from vertebrisk.models.penalised.penalty import Penalty
    from vertebrisk.models.portable.risk_model import RiskModel
    from vertebrisk.models.selection.screening import screen_univariable
    from vertebrisk.models.selection.stability import Stability
    from vertebrisk.models.streamed.bootstrap import StreamedBootstrap
    from vertebrisk.models.streamed.cox import StreamedCoxFit
    from vertebrisk.models.streamed.cox_bootstrap import StreamedCoxBootstrap
    from vertebrisk.models.streamed.logistic import StreamedLogisticFit
    from vertebrisk.models.survival.fine_gray import FineGrayFit
    from vertebrisk.models.survival.fine_gray_fitting import fit_fine_gray
    from vertebrisk.models.survival.fit import CoxFit
    from vertebrisk.models.survival.fitting import fit_cox
    from vertebrisk.models.survival.screening import screen_univariable_cox
    from vertebrisk.models.uniform_shrinkage import ShrunkenModel
    from vertebrisk.models.updating.performance import UpdateValidation, validate_update
    from vertebrisk.models.updating.updating import UpdatedModel, update_model
    from vertebrisk.validation.agreement import calibration
    from vertebrisk.validation.areas import AucsComparison, compare_aucs
    from vertebrisk.validation.centres.results import InternalExternal
    from vertebrisk.validation.classification import Classification, classification
    from vertebrisk.validation.decision import decision_curve
    from vertebrisk.validation.discrimination import compare_auc, roc_auc
    from vertebrisk.validation.goodness import (
        GroupedFit,
        explained_variation,
        hosmer_lemeshow,
    )
    from vertebrisk.validation.instability import Instability
    from vertebrisk.validation.learning import LearningCurve
    from vertebrisk.validation.reclassification import Reclassification, reclassification
    from vertebrisk.validation.sample_size.developing import (
        sample_size_binary,
        sample_size_continuous,
        sample_size_survival,
    )
    from vertebrisk.validation.sample_size.results import SampleSize
    from vertebrisk.validation.sample_size.validating import (
        sample_size_validation_binary,
        sample_size_validation_survival,
    )
    from vertebrisk.validation.streamed.performance import ScanPerformance, scan_performance
    from vertebrisk.validation.survival.calibration import CalibrationSurvival, calibration_survival
    from vertebrisk.validation.survival.classification import (
        ClassificationSurvival,
        classification_survival,
    )
    from vertebrisk.validation.survival.concordance import Concordance, concordance
    from vertebrisk.validation.survival.concordances import compare_concordances
    from vertebrisk.validation.survival.decision import decision_curve_survival
    from vertebrisk.validation.survival.over_time import (
        BrierSurvival,
        TimeDependentAuc,
        brier_survival,
        time_dependent_auc,
    )
    from vertebrisk.validation.survival.reclassification import (
        ReclassificationSurvival,
        reclassification_survival,
    )
    from vertebrisk.validation.survival.variation import (
        ExplainedVariationSurvival,
        explained_variation_survival,
    )
    from vertebrisk.validation.temporal import TemporalSplit

__all__ = [
    "Answer",
    "Appraisal",
    "AucsComparison",
    "Audit",
    "BrierSurvival",
    "CalibrationSurvival",
    "Classification",
    "ClassificationSurvival",
    "Concordance",
    "ConditionalFit",
    "CoxFit",
    "CumulativeIncidence",
    "EffectSizes",
    "Egger",
    "ExplainedVariationSurvival",
    "ExternalValidation",
    "FineGrayFit",
    "FirthConditionalFit",
    "FirthCoxFit",
    "FirthLogisticFit",
    "Funnel",
    "GrayTest",
    "GroupedFit",
    "Imputations",
    "Instability",
    "InternalExternal",
    "KaplanMeier",
    "LearningCurve",
    "LogRank",
    "LogisticFit",
    "MetaRegression",
    "ModelComparison",
    "Monitoring",
    "PatientScan",
    "PenalisedCoxFit",
    "PenalisedLogisticFit",
    "Penalty",
    "Pooled",
    "PooledFit",
    "PooledPapers",
    "PublishedModel",
    "PublishedStudy",
    "Reclassification",
    "ReclassificationSurvival",
    "Reconstruction",
    "ReconstructionNotes",
    "RiskModel",
    "SampleSize",
    "ScanPerformance",
    "Selection",
    "ShrunkenModel",
    "SourcePopulation",
    "Stability",
    "StreamedBootstrap",
    "StreamedCoxBootstrap",
    "StreamedCoxFit",
    "StreamedLogisticFit",
    "Subgroups",
    "TemporalSplit",
    "TimeDependentAuc",
    "UpdateValidation",
    "UpdatedModel",
    "__version__",
    "agreement_categorical",
    "agreement_continuous",
    "appraise",
    "appraise_library",
    "audit",
    "brier_survival",
    "calibration",
    "calibration_survival",
    "classification",
    "classification_survival",
    "compare_auc",
    "compare_aucs",
    "compare_concordances",
    "compare_models",
    "concordance",
    "cumulative_incidence",
    "cumulative_pooling",
    "decision_curve",
    "decision_curve_survival",
    "egger",
    "explained_variation",
    "explained_variation_survival",
    "external_validation",
    "fit_conditional",
    "fit_cox",
    "fit_fine_gray",
    "fit_imputed",
    "fit_logistic",
    "funnel",
    "gray_test",
    "hosmer_lemeshow",
    "impute",
    "kaplan_meier",
    "leave_one_out",
    "library",
    "library_study",
    "load_study",
    "log_observed_expected_ratios",
    "log_odds_ratios",
    "log_rank",
    "log_ratios",
    "logit_c_statistics",
    "logit_proportions",
    "meta_regression",
    "missing_patterns",
    "missingness",
    "monitor",
    "pool",
    "pool_papers",
    "pool_proportions",
    "pool_subgroups",
    "published_model",
    "read_codebook",
    "read_table",
    "reclassification",
    "reclassification_survival",
    "reconstruct",
    "reconstruction",
    "repeated_measures",
    "roc_auc",
    "sample_size_binary",
    "sample_size_continuous",
    "sample_size_survival",
    "sample_size_validation_binary",
    "sample_size_validation_survival",
    "scan_performance",
    "scan_table",
    "screen_conditional",
    "screen_univariable",
    "screen_univariable_cox",
    "table_one",
    "time_dependent_auc",
    "update_model",
    "validate_update",
]

_HOMES = {
    "Answer": "evidence.appraisal.answers",
    "Appraisal": "evidence.appraisal.appraising",
    "AucsComparison": "validation.areas",
    "Audit": "evidence.audit.values",
    "BrierSurvival": "validation.survival.over_time",
    "CalibrationSurvival": "validation.survival.calibration",
    "Classification": "validation.classification",
    "ClassificationSurvival": "validation.survival.classification",
    "Concordance": "validation.survival.concordance",
    "ConditionalFit": "models.conditional.fit",
    "CoxFit": "models.survival.fit",
    "CumulativeIncidence": "comparison.competing_risks",
    "EffectSizes": "evidence.pooling.effect_sizes",
    "Egger": "evidence.pooling.asymmetry",
    "ExplainedVariationSurvival": "validation.survival.variation",
    "ExternalValidation": "models.external.results",
    "FineGrayFit": "models.survival.fine_gray",
    "FirthConditionalFit": "models.conditional.firth",
    "FirthCoxFit": "models.firth.cox",
    "FirthLogisticFit": "models.firth.fit",
    "Funnel": "evidence.pooling.asymmetry",
    "GrayTest": "comparison.competing_risks",
    "GroupedFit": "validation.goodness",
    "Imputations": "models.imputation.imputations",
    "Instability": "validation.instability",
    "LearningCurve": "validation.learning",
    "InternalExternal": "validation.centres.results",
    "KaplanMeier": "comparison.survival",
    "LogRank": "comparison.survival",
    "LogisticFit": "models.logistic.fit",
    "MetaRegression": "evidence.pooling.regression",
    "ModelComparison": "models.comparing.results",
    "Monitoring": "models.monitoring.results",
    "PatientScan": "cohort.scanning.patient_scan",
    "PenalisedCoxFit": "models.penalised.fit",
    "PenalisedLogisticFit": "models.penalised.fit",
    "Penalty": "models.penalised.penalty",
    "Pooled": "evidence.pooling.results",
    "PooledFit": "models.imputation.pooled",
    "PooledPapers": "evidence.pooling.papers",
    "PublishedModel": "evidence.export",
    "PublishedStudy": "evidence.published",
    "Reclassification": "validation.reclassification",
    "ReclassificationSurvival": "validation.survival.reclassification",
    "Reconstruction": "evidence.reconstruction.cohort",
    "ReconstructionNotes": "evidence.reconstruction.notes",
    "RiskModel": "models.portable.risk_model",
    "SampleSize": "validation.sample_size.results",
    "ScanPerformance": "validation.streamed.performance",
    "Selection": "models.development",
    "Stability": "models.selection.stability",
    "ShrunkenModel": "models.uniform_shrinkage",
    "SourcePopulation": "kernels.sampling",
    "StreamedCoxFit": "models.streamed.cox",
    "StreamedBootstrap": "models.streamed.bootstrap",
    "StreamedCoxBootstrap": "models.streamed.cox_bootstrap",
    "StreamedLogisticFit": "models.streamed.logistic",
    "Subgroups": "evidence.pooling.subsets",
    "TemporalSplit": "validation.temporal",
    "TimeDependentAuc": "validation.survival.over_time",
    "UpdateValidation": "models.updating.performance",
    "UpdatedModel": "models.updating.updating",
    "agreement_categorical": "comparison.agreement",
    "agreement_continuous": "comparison.agreement",
    "appraise": "evidence.appraisal.appraising",
    "appraise_library": "evidence.appraisal.appraising",
    "audit": "evidence.audit.auditing",
    "brier_survival": "validation.survival.over_time",
    "calibration": "validation.agreement",
    "calibration_survival": "validation.survival.calibration",
    "classification": "validation.classification",
    "classification_survival": "validation.survival.classification",
    "compare_auc": "validation.discrimination",
    "compare_aucs": "validation.areas",
    "compare_concordances": "validation.survival.concordances",
    "compare_models": "models.comparing.comparing",
    "concordance": "validation.survival.concordance",
    "cumulative_incidence": "comparison.competing_risks",
    "cumulative_pooling": "evidence.pooling.subsets",
    "decision_curve": "validation.decision",
    "decision_curve_survival": "validation.survival.decision",
    "egger": "evidence.pooling.asymmetry",
    "explained_variation": "validation.goodness",
    "explained_variation_survival": "validation.survival.variation",
    "external_validation": "models.external.validating",
    "fit_conditional": "models.conditional.fitting",
    "fit_cox": "models.survival.fitting",
    "fit_fine_gray": "models.survival.fine_gray_fitting",
    "fit_imputed": "models.imputation.fitting",
    "fit_logistic": "models.logistic.fitting",
    "funnel": "evidence.pooling.asymmetry",
    "gray_test": "comparison.competing_risks",
    "hosmer_lemeshow": "validation.goodness",
    "impute": "models.imputation.imputing",
    "kaplan_meier": "comparison.survival",
    "leave_one_out": "evidence.pooling.subsets",
    "library": "evidence.library",
    "library_study": "evidence.library",
    "load_study": "evidence.loading",
    "log_observed_expected_ratios": "evidence.pooling.effect_sizes",
    "log_odds_ratios": "evidence.pooling.effect_sizes",
    "log_rank": "comparison.survival",
    "log_ratios": "evidence.pooling.effect_sizes",
    "logit_c_statistics": "evidence.pooling.effect_sizes",
    "logit_proportions": "evidence.pooling.effect_sizes",
    "meta_regression": "evidence.pooling.regression",
    "missing_patterns": "comparison.missing",
    "missingness": "comparison.missing",
    "monitor": "models.monitoring.monitoring",
    "pool": "evidence.pooling.pooling",
    "pool_papers": "evidence.pooling.papers",
    "pool_proportions": "evidence.pooling.proportions",
    "pool_subgroups": "evidence.pooling.subsets",
    "published_model": "evidence.export",
    "read_codebook": "cohort.reading",
    "read_table": "cohort.reading",
    "reclassification": "validation.reclassification",
    "reclassification_survival": "validation.survival.reclassification",
    "reconstruct": "evidence.reconstruction.cohort",
    "reconstruction": "evidence.reconstruction.cohort",
    "repeated_measures": "comparison.repeated",
    "roc_auc": "validation.discrimination",
    "sample_size_binary": "validation.sample_size.developing",
    "sample_size_continuous": "validation.sample_size.developing",
    "sample_size_survival": "validation.sample_size.developing",
    "sample_size_validation_binary": "validation.sample_size.validating",
    "sample_size_validation_survival": "validation.sample_size.validating",
    "scan_performance": "validation.streamed.performance",
    "scan_table": "cohort.scanning.scanning",
    "screen_conditional": "models.conditional.screening",
    "screen_univariable": "models.selection.screening",
    "screen_univariable_cox": "models.survival.screening",
    "table_one": "comparison.table_one",
    "time_dependent_auc": "validation.survival.over_time",
    "update_model": "models.updating.updating",
    "validate_update": "models.updating.performance",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'vertebrisk' has no attribute '{name}'")
    return getattr(import_module(f"vertebrisk.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
