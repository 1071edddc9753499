"""Rules of API priority and fairness."""
