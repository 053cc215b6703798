"""Penalised likelihoods: ridge, lasso and elastic net, their paths and cross-validation."""
