"""What is measured, as data to compute with: counts, histograms, cluster snapshots."""
