"""What airspeed velocity follows from commit to commit, by the functions that users compare with: `asv continuous main~5 main`."""
