"""Sweeps: many models, K, parameters and questions as one table, in parallel, resumable after a kill."""
