"""Programs and solvers: finished arrays in, checked answer out. Nothing here knows what the numbers stand for."""
