#!/bin/sh
# Makes the reference values anew from R: data/*.csv and output/*.json.
# Needs R and the packages below; the test suite itself needs none of them.
set -eu
cd "$(dirname "$0")"

if ! command -v Rscript >/dev/null 2>&1; then
    echo "Rscript is missing. Install it with: apt-get install r-base-core" >&2
    exit 2
fi

missing=""
for pair in rms:r-cran-rms Hmisc:r-cran-hmisc survival:r-cran-survival MASS:r-cran-mass \
    pROC:r-cran-proc car:r-cran-car sandwich:r-cran-sandwich \
    cmprsk:r-cran-cmprsk \
    nlme:r-cran-nlme afex:r-cran-afex psych:r-cran-psych vcd:r-cran-vcd \
    survey:r-cran-survey riskRegression:r-cran-riskregression prodlim:r-cran-prodlim \
    metafor:r-cran-metafor metadat:r-cran-metadat lme4:r-cran-lme4 \
    mice:r-cran-mice mitml:r-cran-mitml glmnet:r-cran-glmnet brglm2:r-cran-brglm2 Epi:r-cran-epi numDeriv:r-cran-numderiv; do
    package=${pair%%:*}
    debian=${pair#*:}
    if ! Rscript -e "quit(status = as.integer(!requireNamespace('$package', quietly = TRUE)))" \
        >/dev/null 2>&1; then
        echo "R package $package is missing." >&2
        missing="$missing $debian"
    fi
done
if [ -n "$missing" ]; then
    echo "Install with: apt-get install$missing" >&2
    exit 2
fi

mkdir -p data output
# Data first; the others read it.
for topic in data logistic cox cox_validate cox_selection selection_bic fastbw knots shapes fractional roc areas concordances smoothers validate schemes schemes_cox schemes_fine_gray internal_external instability selection nomogram nomogram_survival decision sampling tests \
    kaplan_meier horizons trend competing scores_data scores readers \
    meta_analysis prints comparisons imputation imputation_pooled imputation_cox penalties firth firth_imputed conditional matched schemes_sets sample_size elsewhere updating updating_extension published external; do
    echo "reference: $topic"
    Rscript --vanilla "scripts/$topic.R"
done
