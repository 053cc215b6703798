"""Papers that reports cite: one list for all their texts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Publication:
    """One paper as a list of references prints it, and its DOI."""

    text: str
    doi: str

    @property
    def address(self) -> str:
        """Where the paper is found."""
        escaped = self.doi.replace("<", "%3C").replace(">", "%3E")
        return f"https://doi.org/{escaped}"

    @property
    def printed(self) -> str:
        """The paper with its DOI."""
        return f"{self.text} doi:{self.doi}"


def _ref(authors: str, title: str, journal: str, year: str, doi: str) -> Publication:
    return Publication(f"{authors}. {title}. {journal}. {year}.", doi)


PUBLICATIONS: dict[str, Publication] = {
    "austin2009": _ref(
        "Austin PC",
        "Balance diagnostics for comparing the distribution of baseline covariates between "
        "treatment groups in propensity-score matched samples",
        "Stat Med",
        "2009;28:3083-3107",
        "10.1002/sim.3697",
    ),
    "austin2019": _ref(
        "Austin PC, Steyerberg EW",
        "The Integrated Calibration Index (ICI) and related metrics for quantifying the "
        "calibration of logistic regression models",
        "Stat Med",
        "2019;38:4051-4065",
        "10.1002/sim.8281",
    ),
    "austin2020": _ref(
        "Austin PC, Harrell FE, van Klaveren D",
        "Graphical calibration curves and the integrated calibration index (ICI) for survival "
        "models",
        "Stat Med",
        "2020;39:2714-2742",
        "10.1002/sim.8570",
    ),
    "austin2022": _ref(
        "Austin PC, Putter H, Giardiello D, van Klaveren D",
        "Graphical calibration curves and the integrated calibration index (ICI) for competing "
        "risk models",
        "Diagn Progn Res",
        "2022;6:2",
        "10.1186/s41512-021-00114-6",
    ),
    "barnard1999": _ref(
        "Barnard J, Rubin DB",
        "Small-sample degrees of freedom with multiple imputation",
        "Biometrika",
        "1999;86:948-955",
        "10.1093/biomet/86.4.948",
    ),
    "blanche2013": _ref(
        "Blanche P, Dartigues JF, Jacqmin-Gadda H",
        "Estimating and comparing time-dependent areas under receiver operating characteristic "
        "curves for censored event times with competing risks",
        "Stat Med",
        "2013;32:5381-5397",
        "10.1002/sim.5958",
    ),
    "bland1999": _ref(
        "Bland JM, Altman DG",
        "Measuring agreement in method comparison studies",
        "Stat Methods Med Res",
        "1999;8:135-160",
        "10.1177/096228029900800204",
    ),
    "cox1972": _ref(
        "Cox DR",
        "Regression models and life-tables",
        "J R Stat Soc Series B",
        "1972;34:187-220",
        "10.1111/j.2517-6161.1972.tb00899.x",
    ),
    "delong1988": _ref(
        "DeLong ER, DeLong DM, Clarke-Pearson DL",
        "Comparing the areas under two or more correlated receiver operating characteristic "
        "curves: a nonparametric approach",
        "Biometrics",
        "1988;44:837-845",
        "10.2307/2531595",
    ),
    "efron1997": _ref(
        "Efron B, Tibshirani R",
        "Improvements on cross-validation: the .632+ bootstrap method",
        "J Am Stat Assoc",
        "1997;92:548-560",
        "10.1080/01621459.1997.10474007",
    ),
    "fine1999": _ref(
        "Fine JP, Gray RJ",
        "A proportional hazards model for the subdistribution of a competing risk",
        "J Am Stat Assoc",
        "1999;94:496-509",
        "10.1080/01621459.1999.10474144",
    ),
    "firth1993": _ref(
        "Firth D",
        "Bias reduction of maximum likelihood estimates",
        "Biometrika",
        "1993;80:27-38",
        "10.1093/biomet/80.1.27",
    ),
    "friedman2010": _ref(
        "Friedman J, Hastie T, Tibshirani R",
        "Regularization paths for generalized linear models via coordinate descent",
        "J Stat Softw",
        "2010;33(1):1-22",
        "10.18637/jss.v033.i01",
    ),
    "gail1981": _ref(
        "Gail MH, Lubin JH, Rubinstein LV",
        "Likelihood calculations for matched case-control studies and survival studies with tied "
        "death times",
        "Biometrika",
        "1981;68:703-707",
        "10.1093/biomet/68.3.703",
    ),
    "grambsch1994": _ref(
        "Grambsch PM, Therneau TM",
        "Proportional hazards tests and diagnostics based on weighted residuals",
        "Biometrika",
        "1994;81:515-526",
        "10.1093/biomet/81.3.515",
    ),
    "gray1988": _ref(
        "Gray RJ",
        "A class of K-sample tests for comparing the cumulative incidence of a competing risk",
        "Ann Stat",
        "1988;16:1141-1154",
        "10.1214/aos/1176350951",
    ),
    "greenhouse1959": _ref(
        "Greenhouse SW, Geisser S",
        "On methods in the analysis of profile data",
        "Psychometrika",
        "1959;24:95-112",
        "10.1007/BF02289823",
    ),
    "harrell1996": _ref(
        "Harrell FE, Lee KL, Mark DB",
        "Multivariable prognostic models: issues in developing models, evaluating assumptions and "
        "adequacy, and measuring and reducing errors",
        "Stat Med",
        "1996;15:361-387",
        "10.1002/(SICI)1097-0258(19960229)15:4<361::AID-SIM168>3.0.CO;2-4",
    ),
    "heinze2001": _ref(
        "Heinze G, Schemper M",
        "A solution to the problem of monotone likelihood in Cox regression",
        "Biometrics",
        "2001;57:114-119",
        "10.1111/j.0006-341X.2001.00114.x",
    ),
    "heinze2002": _ref(
        "Heinze G, Schemper M",
        "A solution to the problem of separation in logistic regression",
        "Stat Med",
        "2002;21:2409-2419",
        "10.1002/sim.1047",
    ),
    "heinze2013": _ref(
        "Heinze G, Ploner M, Beyea J",
        "Confidence intervals after multiple imputation: combining profile likelihood information "
        "from logistic regressions",
        "Stat Med",
        "2013;32:5062-5076",
        "10.1002/sim.5899",
    ),
    "houwelingen1990": _ref(
        "van Houwelingen JC, le Cessie S",
        "Predictive value of statistical models",
        "Stat Med",
        "1990;9:1303-1325",
        "10.1002/sim.4780091109",
    ),
    "kaplan1958": _ref(
        "Kaplan EL, Meier P",
        "Nonparametric estimation from incomplete observations",
        "J Am Stat Assoc",
        "1958;53:457-481",
        "10.1080/01621459.1958.10501452",
    ),
    "king2001": _ref(
        "King G, Zeng L",
        "Logistic regression in rare events data",
        "Polit Anal",
        "2001;9:137-163",
        "10.1093/oxfordjournals.pan.a004868",
    ),
    "knapp2003": _ref(
        "Knapp G, Hartung J",
        "Improved tests for a random effects meta-regression with a single covariate",
        "Stat Med",
        "2003;22:2693-2710",
        "10.1002/sim.1482",
    ),
    "mcgraw1996": _ref(
        "McGraw KO, Wong SP",
        "Forming inferences about some intraclass correlation coefficients",
        "Psychol Methods",
        "1996;1:30-46",
        "10.1037/1082-989X.1.1.30",
    ),
    "mercaldo2007": _ref(
        "Mercaldo ND, Lau KF, Zhou XH",
        "Confidence intervals for predictive values with an emphasis to case-control studies",
        "Stat Med",
        "2007;26:2170-2183",
        "10.1002/sim.2677",
    ),
    "noma2021": _ref(
        "Noma H, Shinozaki T, Iba K, Teramukai S, Furukawa TA",
        "Confidence intervals of prediction accuracy measures for multivariable prediction models "
        "based on the bootstrap-based optimism correction methods",
        "Stat Med",
        "2021;40:5691-5701",
        "10.1002/sim.9148",
    ),
    "obuchowski1997": _ref(
        "Obuchowski NA",
        "Nonparametric analysis of clustered ROC curve data",
        "Biometrics",
        "1997;53:567-578",
        "10.2307/2533958",
    ),
    "prentice1979": _ref(
        "Prentice RL, Pyke R",
        "Logistic disease incidence models and case-control studies",
        "Biometrika",
        "1979;66:403-411",
        "10.1093/biomet/66.3.403",
    ),
    "puhr2017": _ref(
        "Puhr R, Heinze G, Nold M, Lusa L, Geroldinger A",
        "Firth's logistic regression with rare events: accurate effect estimates and predictions?",
        "Stat Med",
        "2017;36:2302-2317",
        "10.1002/sim.7273",
    ),
    "riley2020": _ref(
        "Riley RD, Ensor J, Snell KIE, et al",
        "Calculating the sample size required for developing a clinical prediction model",
        "BMJ",
        "2020;368:m441",
        "10.1136/bmj.m441",
    ),
    "riley2023": _ref(
        "Riley RD, Collins GS",
        "Stability of clinical prediction models developed using statistical or machine learning "
        "methods",
        "Biom J",
        "2023;65:2200302",
        "10.1002/bimj.202200302",
    ),
    "rubin1987": _ref(
        "Rubin DB",
        "Multiple imputation for nonresponse in surveys",
        "New York: Wiley",
        "1987",
        "10.1002/9780470316696",
    ),
    "sauerbrei1999": _ref(
        "Sauerbrei W, Royston P",
        "Building multivariable prognostic and diagnostic models: transformation of the "
        "predictors by using fractional polynomials",
        "J R Stat Soc Ser A",
        "1999;162:71-94",
        "10.1111/1467-985X.00122",
    ),
    "schemper1996": _ref(
        "Schemper M, Smith TL",
        "A note on quantifying follow-up in studies of failure time",
        "Control Clin Trials",
        "1996;17:343-346",
        "10.1016/0197-2456(96)00075-X",
    ),
    "shah2013": _ref(
        "Shah RD, Samworth RJ",
        "Variable selection with error control: another look at stability selection",
        "J R Stat Soc Series B",
        "2013;75:55-80",
        "10.1111/j.1467-9868.2011.01034.x",
    ),
    "simon2011": _ref(
        "Simon N, Friedman J, Hastie T, Tibshirani R",
        "Regularization paths for Cox's proportional hazards model via coordinate descent",
        "J Stat Softw",
        "2011;39(5):1-13",
        "10.18637/jss.v039.i05",
    ),
    "steyerberg2001": _ref(
        "Steyerberg EW, Harrell FE, Borsboom GJ, et al",
        "Internal validation of predictive models: efficiency of some procedures for logistic "
        "regression analysis",
        "J Clin Epidemiol",
        "2001;54:774-781",
        "10.1016/S0895-4356(01)00341-9",
    ),
    "steyerberg2016": _ref(
        "Steyerberg EW, Harrell FE",
        "Prediction models need appropriate internal, internal-external, and external validation",
        "J Clin Epidemiol",
        "2016;69:245-247",
        "10.1016/j.jclinepi.2015.04.005",
    ),
    "uno2011": _ref(
        "Uno H, Cai T, Pencina MJ, D'Agostino RB, Wei LJ",
        "On the C-statistics for evaluating overall adequacy of risk prediction procedures with "
        "censored survival data",
        "Stat Med",
        "2011;30:1105-1117",
        "10.1002/sim.4154",
    ),
    "vanbuuren2011": _ref(
        "van Buuren S, Groothuis-Oudshoorn K",
        "mice: multivariate imputation by chained equations in R",
        "J Stat Softw",
        "2011;45(3):1-67",
        "10.18637/jss.v045.i03",
    ),
    "vickers2006": _ref(
        "Vickers AJ, Elkin EB",
        "Decision curve analysis: a novel method for evaluating prediction models",
        "Med Decis Making",
        "2006;26:565-574",
        "10.1177/0272989X06295361",
    ),
    "vickers2008": _ref(
        "Vickers AJ, Cronin AM, Elkin EB, Gonen M",
        "Extensions to decision curve analysis, a novel method for evaluating diagnostic tests, "
        "prediction models and molecular markers",
        "BMC Med Inform Decis Mak",
        "2008;8:53",
        "10.1186/1472-6947-8-53",
    ),
    "white2009": _ref(
        "White IR, Royston P",
        "Imputing missing covariate values for the Cox model",
        "Stat Med",
        "2009;28:1982-1998",
        "10.1002/sim.3618",
    ),
    "wilson1927": _ref(
        "Wilson EB",
        "Probable inference, the law of succession, and statistical inference",
        "J Am Stat Assoc",
        "1927;22:209-212",
        "10.1080/01621459.1927.10502953",
    ),
    "wolbers2009": _ref(
        "Wolbers M, Koller MT, Witteman JC, Steyerberg EW",
        "Prognostic models with competing risks: methods and application to coronary risk "
        "prediction",
        "Epidemiology",
        "2009;20:555-561",
        "10.1097/EDE.0b013e3181a39056",
    ),
}
