#!/usr/bin/env Rscript
# How to read a result file of stardsim with R and rhdf5 (Bioconductor; in Debian
# r-bioc-rhdf5): a tour in seven tables.
#
#     Rscript scripts/examples/read_results.R results/ect_timing.h5 [PATHWAY [OTHER]]
#
# compares PATHWAY with OTHER (by default the second pathway of the file, or the
# first where that is the reference, with the reference). results/README.md tells
# all that is in a file. read_results.py prints the same with Python. Exit codes: 0
# done, 2 bad arguments or no result of stardsim, 3 there is no such file.
#
# Three things to know of rhdf5:
# - It turns the order of dimensions round: what the page calls
#   pathway, estimand, week is here [week, estimand, pathway].
# - Counts have 64 bits. As R's integers those beyond 2^31 - 1 become NA (with a
#   warning); bit64conversion = "double" reads all exactly up to 2^53.
# - A missing count is -1 (rhdf5 does not look at _FillValue), a missing fraction
#   or time NaN, a missing text "".

suppressPackageStartupMessages(library(rhdf5))

z <- 1.96 # of a 95 % interval

words <- commandArgs(trailingOnly = TRUE)
path <- if (length(words) > 0) words[1] else "results/stard.h5"
stop_with <- function(code, ...) {
  message(sprintf(...))
  quit(status = code)
}
if (!file.exists(path)) {
  stop_with(3, "cannot open %s: there is no such file", path)
}
if (!H5Fis_hdf5(path)) stop_with(2, "cannot open %s: it is no HDF5 file", path)
read <- function(name) h5read(path, name, bit64conversion = "double")
line <- function(...) cat(sprintf(...), "\n", sep = "")

# Text of a number; "-" where it is missing, which is not zero.
number <- function(x, decimals)
  ifelse(is.na(x), "-", sprintf("%.*f", decimals, x))
with_error <- function(x, error, decimals)
  sprintf("%s (%s)", number(x, decimals), number(error, decimals))

attributes <- h5readAttributes(path, "/", bit64conversion = "double")
line("%s", attributes$title)
line("%.0f patients, seed %.0f", attributes$patients, attributes$seed)

pathways <- read("/curves/pathway")
estimands <- read("/curves/estimand")
weeks <- read("/curves/week")

# The two pathways that the user named, or the second and the reference.
reference <- attributes$reference_pathway
others <- c(pathways[pathways != reference], reference)
first <- if (length(words) > 1) words[2] else others[1]
second <- if (length(words) > 2) words[3] else reference
for (name in c(first, second)) {
  if (!name %in% pathways) {
    stop_with(2, "no pathway is called '%s'; there is: %s", name,
              paste(pathways, collapse = ", "))
  }
}
p <- match(first, pathways)
q <- match(second, pathways)

# The last point of the curves. `estimand` is the question that a number answers;
# see "Conventions" in results/README.md.
remission <- read("/curves/cumulative_remission") # [week, estimand, pathway]
error <- read("/curves/cumulative_remission_se")
last <- length(weeks)
line("\nRemission by week %d: %% (standard error)", weeks[last])
line("%-22s%s", "", paste(sprintf("%20s", estimands), collapse = ""))
for (i in seq_along(pathways)) {
  texts <- with_error(100 * remission[last, , i], 100 * error[last, , i], 2)
  line("%-22s%s", pathways[i], paste(sprintf("%20s", texts), collapse = ""))
}

# Counts are whole numbers, and -1 where there is no such step.
entered <- read("/steps/entered") # [step, estimand, pathway]
remitted <- read("/steps/remission")
rate <- read("/steps/remission_rate")
rate_error <- read("/steps/remission_rate_se")
step_names <- read("/steps/step_name") # [step, pathway]
observed <- match("observed", read("/steps/estimand"))
line("\nSteps of %s, observed: patients, and remission in %%", first)
line("%-22s%10s%12s%20s", "", "entered", "remission", "rate (se)")
for (k in which(entered[, observed, p] >= 0)) {
  line("%-22s%10.0f%12.0f%20s", step_names[k, p], entered[k, observed, p],
       remitted[k, observed, p],
       with_error(100 * rate[k, observed, p], 100 * rate_error[k, observed, p],
                  2))
}

# Differences of any two pathways. They have the same patients with the same luck,
# so their means hang together: variance = var + var - 2 cov.
if (first != second) {
  measures <- read("/outcomes/measure")
  units <- read("/outcomes/measure_unit")
  means <- read("/outcomes/mean") # [measure, pathway]
  covariance <- read("/covariance/of_means") # [other_pathway, pathway, measure]
  line("\n%s less %s: difference of means (standard error)", first, second)
  for (m in seq_along(measures)) {
    of_means <- covariance[, , m]
    variance <- of_means[p, p] + of_means[q, q] - 2 * of_means[q, p]
    line("%-32s%28s  %s", measures[m],
         with_error(means[m, p] - means[m, q], sqrt(max(variance, 0)), 4),
         units[m])
  }
}

# The cost of a QALY gained, with Fieller's 95 % set of Monte Carlo error: the
# ratios r for which cost - r * QALYs is within z errors of 0.
if (first != second && !is.null(attributes$effect_measure) &&
    !is.null(attributes$perspective)) {
  v <- match(attributes$perspective, read("/covariance/perspective"))
  cost <- match(read("/accumulators/perspective_measure")[v], measures)
  effect <- match(attributes$effect_measure, measures)
  of_differences <- function(cov)
    cov[p, p] - cov[q, p] - cov[p, q] + cov[q, q]
  # [other_pathway, pathway, perspective]: QALYs of the first, cost of the second
  cost_with_effect <- read("/covariance/cost_with_effect")
  dc <- means[cost, p] - means[cost, q]
  de <- means[effect, p] - means[effect, q]
  var_c <- of_differences(covariance[, , cost])
  var_e <- of_differences(covariance[, , effect])
  cov <- of_differences(cost_with_effect[, , v])
  a <- de^2 - z^2 * var_e
  b <- dc * de - z^2 * cov
  c <- dc^2 - z^2 * var_c
  line("\n%s against %s, perspective %s", first, second, attributes$perspective)
  money <- sprintf("%s %d", attributes$currency, attributes$price_year)
  line("%-32s%16s", paste0("cost added, ", money), number(dc, 2))
  line("%-32s%16s", "QALYs gained", number(de, 5))
  if (a <= 0) {
    line("ICER: unclear, the QALYs do not differ beyond chance")
  } else {
    root_of <- sqrt(b^2 - a * c)
    line("%-32s%16s  (95 %%: %s to %s)", sprintf("ICER, %s per QALY", money),
         number(dc / de, 0), number((b - root_of) / a, 0),
         number((b + root_of) / a, 0))
    if (de < 0 || dc < 0) {
      line(paste("mind the signs: a negative ICER, or one of QALYs lost, is no",
                 "price of a QALY gained"))
    }
  }
}

# Relapse, from the life table of those who entered follow-up in remission. A
# group that a scenario does not use is absent.
if ("follow_up" %in% h5ls(path, recursive = FALSE)$name) {
  free <- read("/follow_up/relapse_free") # [week, status, step, pathway]
  free_error <- read("/follow_up/relapse_free_se")
  since <- read("/follow_up/week")
  week <- min(52, max(since))
  w <- match(week, since)
  s <- match("remitted", read("/follow_up/status"))
  line("\nRelapse within %d weeks of a remission, %s: %% (standard error)",
       week, first)
  for (k in which(step_names[, p] != "")) {
    line("%-22s%20s", step_names[k, p],
         with_error(100 * (1 - free[w, s, k, p]), 100 * free_error[w, s, k, p],
                    2))
  }
}

# How sure the scenario's numbers are, the luck of patients taken out; what stood
# above in brackets was luck alone. `stardsim run --draws` makes them.
has_draws <- "draws" %in% h5ls(path, recursive = FALSE)$name
if (has_draws) {
  made <- h5readAttributes(path, "/draws", bit64conversion = "double")
  credible <- function(end)
    100 * read(paste0("/uncertainty/curves/cumulative_remission_", end))[
      last, , , drop = FALSE] # [week, estimand, pathway]
  middle <- credible("mean")
  low <- credible("low")
  high <- credible("high")
  line(paste("\nRemission by week %d, %.0f draws of the numbers: %%",
             "(95 %% credible interval)"), weeks[last], made$draws)
  line("%-22s%s", "", paste(sprintf("%26s", estimands), collapse = ""))
  for (i in seq_along(pathways)) {
    texts <- sprintf("%s (%s to %s)", number(middle[1, , i], 2),
                     number(low[1, , i], 2), number(high[1, , i], 2))
    line("%-22s%s", pathways[i], paste(sprintf("%26s", texts), collapse = ""))
  }
}

# Each draw has a pathway with the highest net benefit, by its numbers and by the
# luck of its patients; without luck, as the file has it.
if (has_draws && !is.null(attributes$effect_measure) &&
    !is.null(attributes$perspective)) {
  drawn <- read("/draws/mean") # [measure, pathway, draw]
  names <- read("/draws/measure")
  v <- match(attributes$perspective, read("/covariance/perspective"))
  cost <- match(read("/accumulators/perspective_measure")[v], names)
  effect <- match(attributes$effect_measure, names)
  threshold <- read("/cost_effectiveness/threshold")[1]
  of_draws <- function(m) matrix(drawn[m, , ], nrow = length(pathways))
  benefit <- threshold * of_draws(effect) - of_draws(cost)
  is_best <- apply(benefit, 2, function(x) (x == max(x)) / sum(x == max(x)))
  share <- rowMeans(matrix(is_best, nrow = length(pathways)))
  probability <- read("/uncertainty/decision/probability_best")
  # [pathway, threshold, perspective]
  t <- match(threshold, read("/uncertainty/decision/threshold"))
  line("\nHighest net benefit at %.0f per QALY, perspective %s: probability, %%",
       threshold, attributes$perspective)
  line("%-22s%20s%20s", "", "of the draws", "without luck")
  for (i in seq_along(pathways)) {
    line("%-22s%20s%20s", pathways[i], number(100 * share[i], 2),
         number(100 * probability[i, t, v], 2))
  }
}
